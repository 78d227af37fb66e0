// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes of this machine: both ways of reading them beside each other, and
 * beside what the kernel says in ns; the collector beside children that do what
 * they are told.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/collector.h"
#include "host/process/process_way.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/unit/scratch.h"

enum {
	PROCESSES = 65536,
	CHILDREN = 16,
	THREADS = 5,
	BURN_NS = 60000000,
	MEMORY = 64 << 20,
};

static const struct host_options options = {
	.proc = "/proc",
	.sys = "/sys",
	.root = "",
	.processes = 500,
	.command_lines = true,
};

/* --- children ---------------------------------------------------------------- */

static pid_t children[CHILDREN];
static int child_count;

static void burn(clockid_t clock)
{
	uint64_t end_ns = clock_ns(clock) + BURN_NS;

	while (clock_ns(clock) < end_ns)
		;
}

static void *burn_and_end(void *arg)
{
	burn(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

static void *burn_and_wait(void *arg)
{
	burn(CLOCK_THREAD_CPUTIME_ID);
	pthread_barrier_wait(arg);
	pause();
	return NULL;
}

static void be_single(void)
{
	prctl(PR_SET_NAME, ") R 1 (");
	burn(CLOCK_PROCESS_CPUTIME_ID);
}

static void be_threaded(void)
{
	static pthread_barrier_t all;
	pthread_t t;
	int i;

	prctl(PR_SET_NAME, "a\\b\nc");
	pthread_barrier_init(&all, NULL, THREADS);
	for (i = 1; i < THREADS; i++)
		pthread_create(&t, NULL, burn_and_wait, &all);
	pthread_barrier_wait(&all);
}

/* What its threads used stays its own when they end. */
static void be_left(void)
{
	pthread_t t;
	int i;

	for (i = 0; i < 3; i++) {
		pthread_create(&t, NULL, burn_and_end, NULL);
		pthread_join(t, NULL);
	}
}

static void be_large(void)
{
	char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(memory, 1, MEMORY);
}

/* A child that does what it is to be, then stops: from then on its figures stay
 * as they are, until it is told to go on, does it again, and stops again.
 */
static pid_t child(void (*be)(void))
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			be();
			raise(SIGSTOP);
		}
	}
	assert_true(pid > 0);
	children[child_count++] = pid;
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	return pid;
}

static void again(pid_t pid)
{
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
}

static pid_t zombie(void)
{
	siginfo_t info;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	assert_true(pid > 0);
	children[child_count++] = pid;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	return pid;
}

static int end_children(void **state)
{
	while (child_count) {
		kill(children[--child_count], SIGKILL);
		waitpid(children[child_count], NULL, 0);
	}
	return 0;
}

/* --- both ways --------------------------------------------------------------- */

static struct list {
	struct process of[PROCESSES];
	size_t count;
} from_proc[2], from_bpf[2];

static void *proc, *bpf;

static void take(void *arg, const struct process *p)
{
	struct list *l = arg;

	assert_true(l->count < PROCESSES);
	l->of[l->count++] = *p;
}

static void list(const struct process_way *way, void *state, struct list *l)
{
	l->count = 0;
	assert_int_equal(way->read(state, take, l), 0);
}

static const struct process *find(const struct list *l, uint32_t pid)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->of[i].pid == pid)
			return &l->of[i];
	return NULL;
}

static int open_ways(void **state)
{
	assert_int_equal(process_proc.open(&proc, &options), 0);
	if (process_bpf.open(&bpf, &options))
		bpf = NULL;
	return 0;
}

static int close_ways(void **state)
{
	process_proc.close(proc);
	if (bpf)
		process_bpf.close(bpf);
	return 0;
}

#define NEED_BPF()              \
	do {                    \
		if (!bpf)       \
			skip(); \
	} while (0)

/* Whoever is in both lists of one way is in that of the other, taken between;
 * but for init: there are sandboxes that hide theirs.
 */
static void assert_same(const struct list *first, const struct list *between,
			const struct list *last)
{
	size_t i, both = 0;

	for (i = 0; i < first->count; i++) {
		const struct process *p = &first->of[i];
		const struct process *after = find(last, p->pid);

		if (p->pid == 1 || !after || after->start_ns != p->start_ns)
			continue;
		both++;
		assert_non_null(find(between, p->pid));
	}
	assert_true(both > 0);
}

static void same_processes(void **state)
{
	NEED_BPF();
	list(&process_proc, proc, &from_proc[0]);
	list(&process_bpf, bpf, &from_bpf[0]);
	list(&process_proc, proc, &from_proc[1]);
	list(&process_bpf, bpf, &from_bpf[1]);
	assert_same(&from_proc[0], &from_bpf[0], &from_proc[1]);
	assert_same(&from_bpf[0], &from_proc[1], &from_bpf[1]);
}

/* Ticks are cut off, twice: of user and of system time. */
static void assert_alike(const struct process *b, const struct process *p)
{
	const uint64_t tick_ns = process_units().tick_ns;

	assert_non_null(b);
	assert_non_null(p);
	assert_int_equal(b->state, p->state);
	assert_int_equal(b->parent, p->parent);
	assert_int_equal(b->threads, p->threads);
	assert_int_equal(b->kernel, p->kernel);
	assert_int_equal(b->rss_bytes, p->rss_bytes);
	assert_int_equal(b->start_ns / tick_ns, p->start_ns / tick_ns);
	assert_in_range(b->cpu_ns, p->cpu_ns, p->cpu_ns + 2 * tick_ns);
	assert_int_equal(strncmp(b->name, p->name, strlen(b->name)), 0);
}

static void same_figures(void **state)
{
	uint32_t pid[] = { (uint32_t)child(be_single),
			   (uint32_t)child(be_threaded),
			   (uint32_t)child(be_left), (uint32_t)child(be_large),
			   (uint32_t)zombie() };
	static const char states[] = "TTTTZ";
	size_t i;

	NEED_BPF();
	list(&process_bpf, bpf, &from_bpf[0]);
	list(&process_proc, proc, &from_proc[0]);
	for (i = 0; i < sizeof(pid) / sizeof(pid[0]); i++) {
		const struct process *b = find(&from_bpf[0], pid[i]);

		assert_alike(b, find(&from_proc[0], pid[i]));
		assert_int_equal(b->state, states[i]);
		assert_int_equal(b->uid, geteuid());
	}
	assert_string_equal(find(&from_bpf[0], pid[0])->name, ") R 1 (");
	assert_string_equal(find(&from_proc[0], pid[1])->name, "a\\b\nc");
	assert_int_equal(find(&from_bpf[0], pid[1])->threads, THREADS);
	assert_true(find(&from_bpf[0], pid[2])->cpu_ns >= 3ULL * BURN_NS);
	assert_true(find(&from_bpf[0], pid[3])->rss_bytes >= MEMORY);
	assert_true(find(&from_bpf[0], 2)->kernel);
}

/* ns that threads ran, of /proc/PID/task/TID/schedstat. */
static uint64_t schedstat_ns(pid_t pid)
{
	char command[128];
	uint64_t ns = 0;
	FILE *f;

	snprintf(command, sizeof(command),
		 "cat /proc/%d/task/*/schedstat | "
		 "awk '{ n += $1 } END { printf \"%%.0f\", n }'",
		 pid);
	f = popen(command, "r");
	assert_int_equal(fscanf(f, "%" SCNu64, &ns), 1);
	pclose(f);
	return ns;
}

static void exact_to_the_ns(void **state)
{
	pid_t one = child(be_single), some = child(be_threaded);

	NEED_BPF();
	if (access("/proc/self/schedstat", R_OK))
		skip();
	list(&process_bpf, bpf, &from_bpf[0]);
	assert_int_equal(find(&from_bpf[0], (uint32_t)one)->cpu_ns,
			 schedstat_ns(one));
	assert_int_equal(find(&from_bpf[0], (uint32_t)some)->cpu_ns,
			 schedstat_ns(some));
}

/* --- the collector ----------------------------------------------------------- */

enum {
	ROWS = 1000,
	TRIES = 1000,
};

static struct seen {
	struct row {
		uint64_t cells[WIRE_PROCESS_COLUMNS];
		char text[WIRE_PROCESS_TEXTS][WIRE_TEXT_MAX + 1];
	} row[ROWS];
	uint32_t rows;
	uint32_t origin;
	uint64_t exits;
	uint64_t zombies;
	uint64_t processes;
	uint64_t by_state;
	uint64_t from_ns;
	uint64_t to_ns;
} seen[2];

static void see_row(const struct wire_table *t, uint32_t i, struct row *to)
{
	uint32_t j;

	memcpy(to->cells, t->cells + i * t->columns, sizeof(to->cells));
	for (j = 0; j < t->texts; j++)
		snprintf(to->text[j], WIRE_TEXT_MAX + 1, "%.*s",
			 (int)t->text[i * t->texts + j].size,
			 t->text[i * t->texts + j].data);
}

static void see_value(struct seen *s, const struct wire_table *t,
		      const uint64_t *cells)
{
	if (t->kind == WIRE_COUNTERS && cells[0] == WIRE_EXITS)
		s->exits = cells[WIRE_VALUE];
	if (t->kind != WIRE_GAUGES)
		return;
	if (cells[0] == WIRE_TASKS_ZOMBIE)
		s->zombies = cells[WIRE_VALUE];
	if (cells[0] == WIRE_PROCESSES)
		s->processes = cells[WIRE_VALUE];
	else
		s->by_state += cells[WIRE_VALUE];
}

static void see(void *arg, const struct wire_table *t)
{
	struct seen *s = arg;
	uint32_t i;

	for (i = 0; i < t->rows; i++) {
		if (t->kind == WIRE_PROCESS)
			see_row(t, i, &s->row[i]);
		else
			see_value(s, t, t->cells + i * t->columns);
	}
	if (t->kind != WIRE_PROCESS)
		return;
	assert_in_range(t->rows, 1, ROWS);
	s->rows = t->rows;
	s->origin = t->origin;
}

static void read_into(void *collector, struct seen *s)
{
	const struct host_sink sink = { see, s };

	memset(s, 0, sizeof(*s));
	s->from_ns = clock_mono_ns();
	assert_int_equal(host_process.read(collector, &sink), 0);
	s->to_ns = clock_mono_ns();
}

static const struct row *row_of(const struct seen *s, pid_t pid)
{
	uint32_t i;

	for (i = 0; i < s->rows; i++)
		if (s->row[i].cells[WIRE_PROCESS_KEY] == (uint64_t)pid)
			return &s->row[i];
	return NULL;
}

static const char *command_of(const struct seen *s, pid_t pid)
{
	return row_of(s, pid)->text[WIRE_PROCESS_COMMAND];
}

/* The share is of a time that began and ended within the two readings. */
static void assert_share(pid_t pid)
{
	const uint64_t *before = row_of(&seen[0], pid)->cells;
	const uint64_t *after = row_of(&seen[1], pid)->cells;
	double used = (double)(after[WIRE_PROCESS_CPU_NS] -
			       before[WIRE_PROCESS_CPU_NS]);
	double longest = (double)(seen[1].to_ns - seen[0].from_ns);
	double shortest = (double)(seen[1].from_ns - seen[0].to_ns);
	double share = (double)after[WIRE_PROCESS_CPU_SHARE];

	assert_true(used >= BURN_NS - 2.0 * (double)process_units().tick_ns);
	assert_true(share >= used * 10000 / longest - 1);
	assert_true(share <= used * 10000 / shortest + 1);
}

static void assert_texts(pid_t pid)
{
	const struct row *r = row_of(&seen[1], pid);
	char command[64], path[WIRE_TEXT_MAX + 1] = "";
	FILE *f;

	assert_string_equal(r->text[WIRE_PROCESS_NAME], "large");
	if (!geteuid())
		assert_string_equal(r->text[WIRE_PROCESS_USER], "root");
	assert_non_null(strstr(r->text[WIRE_PROCESS_COMMAND],
			       "host_process_live_test"));
	snprintf(command, sizeof(command), "sed -n 's/^0:://p' /proc/%d/cgroup",
		 pid);
	f = popen(command, "r");
	if (fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		if (strcmp(path, "/"))
			assert_string_equal(r->text[WIRE_PROCESS_CGROUP], path);
	}
	pclose(f);
}

static void be_large_and_burn(void)
{
	static char *memory;

	prctl(PR_SET_NAME, "large");
	if (!memory) {
		memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(memory, 1, MEMORY);
	}
	burn(CLOCK_PROCESS_CPUTIME_ID);
}

/* Told of because of its memory, at least, however busy the machine is. */
static void tells(const struct host_options *o, uint32_t origin)
{
	pid_t pid = child(be_large_and_burn);
	void *collector;
	int i;

	assert_int_equal(host_process.open(&collector, o), 0);
	read_into(collector, &seen[0]);
	assert_int_equal(seen[0].origin, origin);
	assert_non_null(row_of(&seen[0], pid));
	assert_true(row_of(&seen[0], pid)->cells[WIRE_PROCESS_CPU_SHARE] ==
		    WIRE_ABSENT);
	again(pid);
	read_into(collector, &seen[1]);
	assert_non_null(row_of(&seen[1], pid));
	assert_int_equal(row_of(&seen[1], pid)->cells[WIRE_PROCESS_STATE], 'T');
	assert_int_equal(row_of(&seen[1], pid)->cells[WIRE_PROCESS_PARENT],
			 getpid());
	assert_share(pid);
	/* A busy machine may not have read the command line in time. */
	for (i = 0; i < TRIES && !*command_of(&seen[1], pid); i++)
		read_into(collector, &seen[1]);
	assert_texts(pid);
	end_children(NULL);
	read_into(collector, &seen[1]);
	assert_null(row_of(&seen[1], pid));
	host_process.close(collector);
}

static void tells_by_bpf(void **state)
{
	NEED_BPF();
	tells(&options, WIRE_ORIGIN_BPF);
}

static void tells_by_proc(void **state)
{
	struct host_options o = options;

	o.no_bpf = true;
	tells(&o, WIRE_ORIGIN_PROC);
}

/* Another /proc than the one that has us is none that BPF could show. */
static void other_proc(void **state)
{
	struct host_options o = options;
	void *never;

	o.proc = "/";
	assert_int_equal(process_bpf.open(&never, &o), -EXDEV);
	assert_int_equal(host_process.open(&never, &o), 0);
	assert_int_equal(host_process.read(never,
					   &(struct host_sink){ see, seen }),
			 -ENODATA);
	host_process.close(never);
	o.proc = "/nonexistent";
	assert_int_equal(host_process.open(&never, &o), -ENOENT);
}

static void write_text(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* A /proc of two processes; the command line of the second is a pipe, which
 * nobody can open for reading until somebody else does for writing.
 */
static void make_proc(const char *proc_dir)
{
	char folder[128], path[160];
	int i;

	for (i = 1; i <= 2; i++) {
		snprintf(folder, sizeof(folder), "%s/%d", proc_dir, i);
		assert_int_equal(mkdir(folder, 0755), 0);
		snprintf(path, sizeof(path),
			 "%d (x) S 0 0 0 0 -1 0 0 0 0 0 7 5 0 0 0 0 3 0 1 0 "
			 "9 0\n",
			 i);
		write_text(folder, "stat", path);
		snprintf(path, sizeof(path), "%s/cmdline", folder);
		if (i == 1)
			write_text(folder, "cmdline", "quick");
		else
			assert_int_equal(mkfifo(path, 0600), 0);
	}
}

static void remove_tree(const char *folder)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* A file takes the pipe's place, and who waits at the pipe goes on. */
static void answer(const char *proc_dir)
{
	char folder[64], path[96], pipe_path[96];
	int fd;

	snprintf(folder, sizeof(folder), "%s/2", proc_dir);
	snprintf(path, sizeof(path), "%s/cmdline", folder);
	snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", folder);
	assert_int_equal(rename(path, pipe_path), 0);
	write_text(folder, "cmdline", "slow");
	fd = open(pipe_path, O_RDWR);
	assert_true(fd >= 0);
	close(fd);
}

/* It holds up nothing, and is told of when it does answer. */
static void command_line_hangs(void **state)
{
	char tree[48];
	struct host_options o = options;
	void *collector;
	int i;

	assert_non_null(scratch_folder(tree));
	make_proc(tree);
	o.proc = tree;
	assert_int_equal(host_process.open(&collector, &o), 0);
	for (i = 0; i < TRIES && (!i || !*command_of(&seen[0], 1)); i++)
		read_into(collector, &seen[0]);
	assert_string_equal(command_of(&seen[0], 1), "quick");
	assert_string_equal(command_of(&seen[0], 2), "");
	answer(tree);
	for (i = 0; i < TRIES && !*command_of(&seen[0], 2); i++)
		read_into(collector, &seen[0]);
	assert_string_equal(command_of(&seen[0], 2), "slow");
	host_process.close(collector);
	remove_tree(tree);
}

/* Forked, ended and reaped between two readings: none is missed, but for what
 * others fork between the readings of two files.
 */
static void counts_exits(void **state)
{
	enum {
		COUNT = 50,
		OTHERS = 10,
	};
	void *collector;
	int i;

	assert_int_equal(host_process.open(&collector, &options), 0);
	read_into(collector, &seen[0]);
	assert_true(seen[0].exits > 0);
	for (i = 0; i < COUNT; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	read_into(collector, &seen[1]);
	assert_true(seen[1].exits >= seen[0].exits + COUNT - OTHERS);
	zombie();
	zombie();
	read_into(collector, &seen[1]);
	assert_true(seen[1].zombies >= 2);
	assert_true(seen[1].processes > seen[1].zombies);
	assert_int_equal(seen[1].by_state, seen[1].processes);
	host_process.close(collector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_processes),
		cmocka_unit_test_teardown(same_figures, end_children),
		cmocka_unit_test_teardown(exact_to_the_ns, end_children),
		cmocka_unit_test_teardown(tells_by_bpf, end_children),
		cmocka_unit_test_teardown(tells_by_proc, end_children),
		cmocka_unit_test(other_proc),
		cmocka_unit_test(command_line_hangs),
		cmocka_unit_test_teardown(counts_exits, end_children),
	};

	log_init("host_process_live_test", LOG_ERROR);
	return cmocka_run_group_tests(tests, open_ways, close_ways);
}
