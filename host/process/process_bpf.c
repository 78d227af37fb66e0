// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/task.h"
#include "bpf/task.skel.h"
#include "host/process/process_way.h"
#include "lib/kernel/bpf_log.h"
#include "lib/base/clock.h"

enum {
	CHUNK = 512, /* records: as many as the kernel has at once */
	INITIAL_PID_NAMESPACE = 0xeffffffcU, /* inode: PROC_PID_INIT_INO */
};

/**
 * struct bpf_way - the state
 * @link: the iterator's, each reading makes a new descriptor of it
 * @page_bytes: of memory
 * @records: what was read last
 */
struct bpf_way {
	int link;
	uint64_t page_bytes;
	struct task_record records[CHUNK];
};

/* --- states ------------------------------------------------------------------ */

/* The kernel's task_state_to_char(): the highest bit of those that are told of
 * counts, but for sleepers that are no load, and for two that only wait
 * in other words.
 */
char process_state(uint32_t bits)
{
	enum {
		UNINTERRUPTIBLE = 0x2,
		REPORTED = 0x7f,
		NO_LOAD = 0x400,
		IDLE = UNINTERRUPTIBLE | NO_LOAD,
		LOCK_WAIT = 0x1000,
		FROZEN = 0x8000,
	};
	static const char letter[] = "RSDTtXZP";
	uint32_t reported = bits & REPORTED;

	if ((bits & IDLE) == IDLE)
		return 'I';
	if (bits & (LOCK_WAIT | FROZEN))
		reported = UNINTERRUPTIBLE;
	return letter[reported ? 32 - __builtin_clz(reported) : 0];
}

/* --- opening ----------------------------------------------------------------- */

/* The iterator shows the reader's PID namespace, by the pids of the initial one.
 * In that, a /proc that has us under our own pid is of the same.
 */
static bool is_initial(const char *proc)
{
	char path[4096], self[16];
	struct stat own;
	ssize_t n;

	if (stat("/proc/self/ns/pid", &own) ||
	    own.st_ino != INITIAL_PID_NAMESPACE)
		return false;
	snprintf(path, sizeof(path), "%s/self", proc);
	n = readlink(path, self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = '\0';
	return atol(self) == getpid();
}

/* The program lives on by the link alone. */
static int load_program(int *link)
{
	struct task_bpf *bpf;

	bpf_log_init();
	bpf = task_bpf__open_and_load();
	if (!bpf)
		return -errno;
	*link = bpf_link_create(bpf_program__fd(bpf->progs.ktach_tasks), 0,
				BPF_TRACE_ITER, NULL);
	task_bpf__destroy(bpf);
	return *link < 0 ? *link : 0;
}

static int bpf_way_open(void **state, const struct host_options *o)
{
	struct bpf_way *s;
	int link, err;

	if (!is_initial(o->proc))
		return -EXDEV;
	err = load_program(&link);
	if (err)
		return err;
	s = malloc(sizeof(*s));
	if (!s) {
		close(link);
		return -ENOMEM;
	}
	s->link = link;
	s->page_bytes = process_units().page_bytes;
	*state = s;
	return 0;
}

static void bpf_way_close(void *state)
{
	struct bpf_way *s = state;

	close(s->link);
	free(s);
}

/* --- reading ----------------------------------------------------------------- */

static void convert(const struct task_record *r, uint64_t page_bytes,
		    struct process *p)
{
	p->pid = r->pid;
	p->parent = r->parent;
	p->uid = r->uid;
	p->threads = r->threads;
	p->cpu_ns = r->cpu_ns;
	p->start_ns = r->start_ns;
	p->rss_bytes = r->rss_pages * page_bytes;
	p->state = process_state(r->state);
	p->kernel = r->kernel;
	memcpy(p->name, r->name, sizeof(r->name));
	p->name[sizeof(r->name)] = '\0';
}

/* The kernel gives whole records, as @records is a multiple of one. */
static ssize_t read_some(struct bpf_way *s, int fd)
{
	ssize_t n;

	do
		n = read(fd, s->records, sizeof(s->records));
	while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n < 0 ? -errno : n / (ssize_t)sizeof(s->records[0]);
}

static int bpf_way_read(void *state, process_take *take, void *arg)
{
	struct bpf_way *s = state;
	int fd = bpf_iter_create(s->link);
	struct process p;
	ssize_t n, i;

	if (fd < 0)
		return fd;
	while ((n = read_some(s, fd)) > 0) {
		p.at_ns = clock_mono_ns();
		for (i = 0; i < n; i++) {
			convert(&s->records[i], s->page_bytes, &p);
			take(arg, &p);
		}
	}
	close(fd);
	return (int)n;
}

const struct process_way process_bpf = {
	.origin = WIRE_ORIGIN_BPF,
	.open = bpf_way_open,
	.read = bpf_way_read,
	.close = bpf_way_close,
};
