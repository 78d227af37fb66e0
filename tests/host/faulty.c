// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: faulty [TREE COLLECTOR]
 * Let each file that a collector uses in a tree (see trees.sh) go wrong in every
 * way that faults.h has, when it is opened, at the first reading and at the
 * second, and hold what the collector tells against what it tells of sound
 * files: a row may be missing and a cell WIRE_ABSENT, but nothing else may
 * differ. A disk may be told of that is left out otherwise, as what it is was
 * not known, and by the kernel's name for it; a user by its number, a container by its id; a process
 * with what its files say that may say anything; a temperature below zero.
 * Prints a line for what does, and the number of cases; without arguments, the
 * collectors' names.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cgroup/cgroup_name.h"
#include "host/collector.h"
#include "host/rows.h"
#include "lib/base/log.h"
#include "lib/wire/wire_schema.h"
#include "tests/host/faults.h"

enum {
	READINGS = 2,
	CUTS_WHOLE = 300, /* a file up to that size is cut at each byte */
	CUTS_OF_LARGE = 60,
	NEWS_MS = 200,
	NEWS_MAX = 10,
};

static struct host_options options;
static struct told {
	struct rows rows[WIRE_KINDS];
} sound[READINGS], wide[READINGS], faulty[READINGS];
static unsigned int cases, happened, wrong;
static char tree[PATH_MAX - 32];

static const char *const fault_names[FAULTS] = {
	"none", "open",		  "read",  "cut",  "noise",   "latin",
	"nul",	"30 more digits", "minus", "long", "endless",
};

static void take(void *arg, const struct wire_table *t)
{
	struct rows *to = &((struct told *)arg)->rows[t->kind];
	uint32_t i, j;

	for (i = 0; i < t->rows; i++) {
		const uint64_t *cells = t->cells + (size_t)i * t->columns;

		memcpy(rows_add(to, cells[0]), cells,
		       t->columns * sizeof(*cells));
		for (j = 0; j < t->texts; j++) {
			const struct wire_text *text =
				&t->text[(size_t)i * t->texts + j];

			rows_text(to, j, text->data, text->size);
		}
	}
}

static void forget(struct told *t)
{
	uint32_t kind;

	for (kind = 0; kind < WIRE_KINDS; kind++) {
		t->rows[kind].kind = kind;
		rows_clear(&t->rows[kind]);
	}
}

/* What it tells a moment after a reading: on a loaded machine a mount or a
 * sensor may not be read in time.
 */
static void take_news(const struct host_collector *c, void *state,
		      const struct host_sink *sink)
{
	struct pollfd fd = { .events = POLLIN };
	int i;

	if (!c->fd)
		return;
	fd.fd = c->fd(state);
	for (i = 0; i < NEWS_MAX && poll(&fd, 1, NEWS_MS) == 1; i++)
		c->changed(state, sink);
}

/* One life of a collector, with what is planned. */
static void run(const struct host_collector *c, const struct fault_plan *plan,
		struct told *told)
{
	void *state;
	int i;

	faults_begin(plan);
	for (i = 0; i < READINGS; i++)
		forget(&told[i]);
	if (c->open(&state, &options))
		return;
	for (i = 0; i < READINGS; i++) {
		const struct host_sink sink = { take, &told[i] };

		c->read(state, &sink);
		if (plan->fault == FAULT_NONE)
			take_news(c, state, &sink);
	}
	c->close(state);
}

static const uint64_t *row_at(const struct rows *r, uint32_t i)
{
	return r->cells + (size_t)i * wire_schema(r->kind)->columns;
}

static struct wire_text text_at(const struct rows *r, uint32_t i, uint32_t j)
{
	const struct rows_text *t = &r->at[i * wire_schema(r->kind)->texts + j];

	return (struct wire_text){ r->texts + t->at, t->size };
}

/* Is a number more than its file says, as far as there is room? */
static bool is_saturated(uint64_t cell)
{
	return cell == INT64_MAX || cell == UINT64_MAX;
}

/* A group that has done no I/O has an empty file. */
static bool is_no_io(uint64_t cell, const struct fault_plan *p)
{
	return !cell && p->fault == FAULT_CUT && !p->cut &&
	       strstr(p->path, "/io.stat");
}

static bool cell_ok(uint64_t cell, uint64_t right, const struct fault_plan *p)
{
	return cell == right || cell == WIRE_ABSENT || is_no_io(cell, p) ||
	       (p->fault == FAULT_DIGITS && is_saturated(cell));
}

static bool is_device(struct wire_text t)
{
	char path[PATH_MAX + WIRE_TEXT_MAX];

	snprintf(path, sizeof(path), "%s/sys/class/block/%.*s", tree,
		 (int)t.size, t.data);
	return !access(path, F_OK);
}

/* Files of a process that may hold anything. */
static bool is_free_text(const struct fault_plan *p)
{
	return strstr(p->path, "/cmdline") || strstr(p->path, "/cgroup");
}

/* Files that have names of things beside their numbers. */
static bool is_name_list(const char *path)
{
	static const char *const files[] = { "/mdstat",	  "/ip_vs",
					     "/wireless", "/buddyinfo",
					     "/slaves",	  "/bonding_masters" };
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strstr(path, files[i]))
			return true;
	return false;
}

/* A virtual machine, where whose was not to be found out. */
static bool is_some_machine(struct wire_text t)
{
	return t.size == 2 && !memcmp(t.data, "vm", 2);
}

/* A fact that is a number, or a user without a name. */
static bool is_number(struct wire_text t)
{
	size_t i;

	for (i = 0; i < t.size; i++)
		if (!isdigit((unsigned char)t.data[i]))
			return false;
	return t.size;
}

static bool process_text_ok(uint32_t j, struct wire_text got,
			    const struct fault_plan *p)
{
	switch (j) {
	case WIRE_PROCESS_USER:
		return is_number(got);
	case WIRE_PROCESS_CGROUP:
	case WIRE_PROCESS_COMMAND:
		return is_free_text(p);
	default:
		return false;
	}
}

/* A process that has gone is counted no more. */
static bool gauge_ok(const struct fault_plan *p)
{
	return (p->error == ENOENT || p->error == ESRCH) &&
	       strstr(p->path, "/proc/") &&
	       isdigit((unsigned char)strstr(p->path, "/proc/")[6]);
}

/* Files of one word, which some machines end without a newline: nobody can tell
 * that there was more.
 */
static bool is_cut_word(struct wire_text got, struct wire_text right,
			const struct fault_plan *p)
{
	if (p->fault != FAULT_CUT)
		return false;
	if (strstr(p->path,
		   "_label")) /* which may mean "cpu" as a whole only */
		return true;
	return strstr(p->path, "/hostname") && got.size < right.size &&
	       !memcmp(got.data, right.data, got.size);
}

/* A container or a pod whose name is not known is told by its id. */
static bool is_id(struct wire_text t)
{
	size_t i;

	for (i = 0; i < t.size; i++)
		if (!isxdigit((unsigned char)t.data[i]) && t.data[i] != '-')
			return false;
	return t.size == CGROUP_ID_SHOWN || t.size == CGROUP_UID_SIZE;
}

/* A chip whose name can be read and not be shown is called as its folder, and may be any
 * chip.
 */
static bool is_no_chip_name(const struct fault_plan *p)
{
	return p->fault > FAULT_READ && strstr(p->path, "/hwmon/") &&
	       strstr(p->path, "/name");
}

/* What is no text shows that it is none; other digits in a name make another
 * name, which nobody can tell.
 */
static bool text_ok(struct wire_text got, struct wire_text right,
		    const struct fault_plan *p)
{
	if (!got.size || (got.size == right.size &&
			  !memcmp(got.data, right.data, right.size)))
		return true;
	if (is_device(got) || is_some_machine(got) || is_id(got) ||
	    is_cut_word(got, right, p) || is_no_chip_name(p))
		return true;
	if (p->fault == FAULT_DIGITS || p->fault == FAULT_MINUS)
		return !is_number(right);
	return (p->fault == FAULT_NOISE || p->fault == FAULT_LATIN) &&
	       memchr(got.data, '?', got.size);
}

/* It may be freezing: nobody can tell that a minus is too many. */
static bool sensor_ok(uint64_t cell, uint64_t right, const struct fault_plan *p)
{
	return p->fault == FAULT_MINUS && cell == -right;
}

/* What cannot be asked is told as failing. */
static bool mount_ok(uint32_t j, uint64_t cell, uint64_t right)
{
	return j == WIRE_MOUNT_FLAGS && cell == (right | WIRE_MOUNT_FAILED);
}

static bool row_ok(const struct rows *got, uint32_t i, const struct rows *right,
		   uint32_t k, const struct fault_plan *p)
{
	const struct wire_schema *schema = wire_schema(got->kind);
	uint32_t j;

	for (j = 0; j < schema->columns; j++)
		if (!cell_ok(row_at(got, i)[j], row_at(right, k)[j], p) &&
		    !(got->kind == WIRE_GAUGES && j && gauge_ok(p)) &&
		    !(got->kind == WIRE_SENSOR && j == WIRE_SENSOR_VALUE &&
		      sensor_ok(row_at(got, i)[j], row_at(right, k)[j], p)) &&
		    !(got->kind == WIRE_MOUNT &&
		      mount_ok(j, row_at(got, i)[j], row_at(right, k)[j])))
			return false;
	for (j = 0; j < schema->texts; j++)
		if (!text_ok(text_at(got, i, j), text_at(right, k, j), p) &&
		    !(got->kind == WIRE_PROCESS &&
		      process_text_ok(j, text_at(got, i, j), p)))
			return false;
	return true;
}

static void show_row(const char *what, const struct rows *r, uint32_t i)
{
	const struct wire_schema *schema = wire_schema(r->kind);
	uint32_t j;

	printf("#   %s:", what);
	for (j = 0; j < schema->columns; j++)
		printf(" %" PRId64, (int64_t)row_at(r, i)[j]);
	for (j = 0; j < schema->texts; j++) {
		struct wire_text t = text_at(r, i, j);

		printf(" '%.*s'", (int)t.size, t.data);
	}
	printf("\n");
}

/* Once a file and kind of fault. */
static bool is_news(const struct fault_plan *p)
{
	static const char *path;
	static enum fault fault;
	static int error;
	bool news = p->path != path || p->fault != fault || p->error != error;

	path = p->path;
	fault = p->fault;
	error = p->error;
	return news;
}

static void complain(const struct fault_plan *p, const struct rows *got,
		     uint32_t i, const struct rows *right)
{
	uint32_t k;

	wrong++;
	if (!is_news(p))
		return;
	printf("# %s: %s", p->path, fault_names[p->fault]);
	if (p->fault == FAULT_CUT)
		printf(" at %zu", p->cut);
	if (p->error)
		printf(", %s", strerror(p->error));
	printf(", uses %u to %u: a row of %s\n", p->from, p->upto,
	       wire_schema(got->kind)->name);
	show_row("got", got, i);
	for (k = 0; k < right->count; k++)
		if (row_at(right, k)[0] == row_at(got, i)[0])
			show_row("right", right, k);
}

/* Nobody can tell that lines are missing whose numbers are added up. */
static bool is_sum(const struct fault_plan *p)
{
	return strstr(p->path, "/nf_conntrack") || strstr(p->path, "/udp");
}

/* What a part says of itself may be any text, or missing; digits in a name make another
 * name; and a current may flow the other way.
 */
static bool part_ok(const struct rows *got, uint32_t i,
		    const struct fault_plan *p)
{
	struct wire_text name = text_at(got, i, WIRE_PART_NAME);

	if ((p->fault == FAULT_CUT && is_sum(p)) ||
	    (p->error == ENOENT && strstr(p->path, "/selinux")))
		return true;
	if (name.size > 5 && !memcmp(name.data + name.size - 5, "_info", 5))
		return true;
	if (p->fault == FAULT_DIGITS || p->fault == FAULT_MINUS)
		return is_name_list(p->path) ||
		       (int64_t)row_at(got, i)[WIRE_PART_VALUE] < 0;
	return (p->fault == FAULT_NOISE || p->fault == FAULT_LATIN) &&
	       is_name_list(p->path);
}

static bool has_row(const struct told *told, const struct rows *got, uint32_t i,
		    const struct fault_plan *p)
{
	uint32_t k;
	int reading;

	for (reading = 0; reading < READINGS; reading++) {
		const struct rows *all = &told[reading].rows[got->kind];

		for (k = 0; k < all->count; k++)
			if (row_ok(got, i, all, k, p))
				return true;
	}
	return false;
}

/* A tree does not change: what is right at one reading is right at the other. */
static void compare_rows(const struct fault_plan *p, const struct rows *got)
{
	uint32_t i;

	for (i = 0; i < got->count; i++)
		if (!has_row(sound, got, i, p) && !has_row(wide, got, i, p) &&
		    !(got->kind == WIRE_PART && part_ok(got, i, p)))
			complain(p, got, i, &sound[0].rows[got->kind]);
}

static void try(const struct host_collector *c, const struct fault_plan *p)
{
	uint32_t kind;
	int i;

	run(c, p, faulty);
	cases++;
	happened += faults_happened();
	for (i = 0; i < READINGS; i++)
		for (kind = 1; kind < WIRE_KINDS; kind++)
			compare_rows(p, &faulty[i].rows[kind]);
}

/* At once, at the second time only, and from the second time on. */
static void try_times(const struct host_collector *c, struct fault_plan *p)
{
	static const unsigned int times[][2] = {
		{ 0, 1 }, { 0, UINT_MAX }, { 1, 2 }, { 1, UINT_MAX }
	};
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		p->from = times[i][0];
		p->upto = times[i][1];
		try(c, p);
	}
}

static void try_errors(const struct host_collector *c, struct fault_plan *p)
{
	static const int errors[] = { EACCES, ENOENT, ESRCH,  EIO,
				      EINTR,  ENODEV, EMFILE, ENOMEM };
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		p->error = errors[i];
		/* A call that was interrupted is made again: not for ever. */
		p->from = 0;
		p->upto = 1;
		if (errors[i] == EINTR)
			try(c, p);
		else
			try_times(c, p);
	}
	p->error = 0;
}

/* Large ones: at their ends byte by byte, and here and there. */
static bool cuts_at(size_t at, size_t size)
{
	return size <= CUTS_WHOLE || at < 40 || at + 40 > size ||
	       at % (size / CUTS_OF_LARGE + 1) == 0;
}

static void try_cuts(const struct host_collector *c, struct fault_plan *p,
		     size_t size)
{
	p->fault = FAULT_CUT;
	p->from = 0;
	for (p->cut = 0; p->cut < size; p->cut++) {
		if (!cuts_at(p->cut, size))
			continue;
		p->upto = p->cut % 2 ? UINT_MAX : 1;
		try(c, p);
	}
	p->cut = 0;
}

static void try_file(const struct host_collector *c, const char *path,
		     size_t size, bool folder)
{
	struct fault_plan p = { .path = path };

	p.fault = FAULT_OPEN;
	try_errors(c, &p);
	if (folder || !size)
		return;
	p.fault = FAULT_READ;
	try_errors(c, &p);
	for (p.fault = FAULT_NOISE; p.fault < FAULT_BYTES; p.fault++)
		try_times(c, &p);
	try_cuts(c, &p, size);
}

/* Are two paths the same but for their numbers, which may be hexadecimal? */
static bool alike(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			a += strspn(a, "0123456789abcdef");
			b += strspn(b, "0123456789abcdef");
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return *a == *b;
}

/* Of 256 CPUs' files the first will do. */
static bool is_first_of_its_kind(size_t i)
{
	size_t size, k;
	bool folder;
	const char *path = faults_file(i, &size, &folder);

	for (k = 0; k < i; k++)
		if (alike(path, faults_file(k, &size, &folder)))
			return false;
	return true;
}

static size_t rows_told(const struct told *t)
{
	size_t rows = 0;
	uint32_t kind;

	for (kind = 0; kind < WIRE_KINDS; kind++)
		rows += t->rows[kind].count;
	return rows;
}

static void try_files(const struct host_collector *c)
{
	size_t i, last, size;
	bool folder;

	for (last = 0; faults_file(last, &size, &folder);)
		last++;
	for (i = 0; i < last; i++) {
		const char *path = faults_file(i, &size, &folder);

		if (is_first_of_its_kind(i) && strstr(path, tree))
			try_file(c, path, size, folder);
	}
	printf("%zu rows of %zu files: ", rows_told(&sound[READINGS - 1]),
	       last);
}

static int list(void)
{
	size_t i;

	for (i = 0; host_collectors[i]; i++)
		puts(host_collectors[i]->name);
	return 0;
}

int main(int argc, char **argv)
{
	static char proc[PATH_MAX], sys[PATH_MAX], root[PATH_MAX];
	const struct fault_plan none = { 0 };
	const struct host_collector *c;

	if (argc != 3)
		return list();
	log_init("faulty", LOG_ERROR);
	snprintf(tree, sizeof(tree), "%s", argv[1]);
	c = host_collector_find(argv[2]);
	snprintf(proc, sizeof(proc), "%s/proc", tree);
	snprintf(sys, sizeof(sys), "%s/sys", tree);
	snprintf(root, sizeof(root), "%s/root", tree);
	host_options_preset(&options);
	options.proc = proc;
	options.sys = sys;
	options.root = root;
	options.no_bpf = true;
	options.include_parts = getenv("PARTS");
	options.command_lines = true;
	options.partitions = true;
	options.include_disks = "*";
	run(c, &none, wide);
	options.include_disks = NULL;
	run(c, &none, sound);
	try_files(c);
	printf("%u cases, %u faults, %u wrong\n", cases, happened, wrong);
	return wrong || !happened;
}
