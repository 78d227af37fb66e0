// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/rings.h"
#include "host/cpu/ring_bpf.h"
#include "host/cpu/ring_load.h"
#include "host/file.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/bpf_log.h"

enum {
	LOG_BYTES = 16384, /* of what the kernel says */
	LIST_MAX = 4096, /* of CPUs: a page, as all of /sys */
};

static const char ring_name[] = "ring";

static const struct cpu_source_spec *const specs[] = { &cpu_source_times,
						       &cpu_source_softirqs };

/* --- mapping ----------------------------------------------------------------- */

static int map_ring(struct ring *r, const struct cpu_source_spec *spec,
		    const char *dir)
{
	char path[PIN_PATH_MAX];
	int err = pin_path(path, dir, ring_name), fd;

	if (err)
		return err;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno :
			ring_open_fd(r, fd, spec->ring,
				     sizeof(struct ktach_cpustat_record));
}

int ring_bpf_map(struct ring *r, const struct cpu_source_spec *spec,
		 const char *pins)
{
	char dir[PIN_PATH_MAX];
	int err = pin_path(dir, pins, spec->pins);

	if (!err)
		err = map_ring(r, spec, dir);
	if (err)
		return err;
	if (ring_live(r) && ring_is_filled(r, clock_mono_ns()))
		return 0;
	ring_close(r);
	return -ESTALE;
}

/* --- why not ----------------------------------------------------------------- */

static bool is_locked_down(void)
{
	char text[256];

	return host_line("/sys", "kernel/security/lockdown", text,
			 sizeof(text)) &&
	       strstr(text, "[confidentiality]");
}

/* The verifier's log is searched where the error number alone says too little. */
static const char *reason_of(int err, const char *log)
{
	if (access("/sys/kernel/btf/vmlinux", F_OK))
		return "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)";
	if (strstr(log, "failed to find the address"))
		return "this kernel does not tell where its variables are (CONFIG_KALLSYMS_ALL)";
	if ((err == -EPERM || err == -EACCES) && is_locked_down())
		return "this kernel is locked down (lockdown=confidentiality)";
	if (err == -EPERM)
		return "no right to load BPF programs (CAP_BPF, CAP_PERFMON)";
	if (*log || err == -ESRCH)
		return "this kernel does not take the programs";
	return strerror(-err);
}

/* A CPU of nohz_full= keeps its times where only kcpustat_cpu_fetch() finds them. */
static bool counts_elsewhere(const char *sys)
{
	char text[LIST_MAX];

	return host_line(sys, "devices/system/cpu/nohz_full", text,
			 sizeof(text)) &&
	       strpbrk(text, "0123456789");
}

/* --- one that is there ------------------------------------------------------- */

static uint64_t period_ns(const struct host_options *o)
{
	uint64_t ns = o->rings.period_ns ? o->rings.period_ns : o->interval_ns;

	if (!ns || ns > HOST_RING_PERIOD_MAX_NS)
		return HOST_RING_PERIOD_MAX_NS;
	return ns < HOST_RING_PERIOD_MIN_NS ? HOST_RING_PERIOD_MIN_NS : ns;
}

/* Whether the ring that is pinned is as this process would have made it. */
static bool is_same(const struct ring *r, const struct ktach_ring_header *h)
{
	return r->layout.features == h->features &&
	       r->layout.slots == h->slots && r->layout.records == h->records &&
	       r->layout.record_size == h->record_size;
}

static bool can_go_on(struct ring_bpf *b, const struct ktach_ring_header *h)
{
	const struct ring_control *control = b->control.data;
	struct ring r;
	bool can;

	if (control->build != ring_load_build() ||
	    map_ring(&r, b->spec, b->dir))
		return false;
	can = is_same(&r, h) && ring_head(&r) &&
	      ring_is_filled(&r, clock_mono_ns());
	ring_close(&r);
	return can;
}

static int go_on(struct ring_bpf *b, const struct ktach_ring_header *h)
{
	int err = pinned_map_open(&b->control, b->dir, "control", true);

	if (err)
		return err;
	if (can_go_on(b, h))
		return 0;
	pinned_map_close(&b->control);
	return -ESTALE;
}

void ring_bpf_keep(struct ring_bpf *b)
{
	struct ring_control *control = b->control.data;
	uint64_t ahead_ns;

	if (!b->is_ours)
		return;
	ahead_ns = clock_tai_ahead_ns();
	if (control->tai_offset_ns != ahead_ns)
		store_relaxed(&control->tai_offset_ns, ahead_ns);
}

static int set_period(struct ring_bpf *b)
{
	struct ring_control *control = b->control.data;
	uint64_t ns = period_ns(b->options);

	if (load_relaxed(&control->period_ns) == ns)
		return 0;
	store_release(&control->period_ns, ns);
	return ring_load_run(&b->pins);
}

/* --- beginning and end ------------------------------------------------------- */

/* The timer goes with its pin; after that no sample can come, and the ring is marked
 * as ended for its readers.
 */
static void clear(struct ring_bpf *b)
{
	struct ktach_ring_header *h;
	struct pinned_map map;
	int err = pinned_map_open(&map, b->dir, ring_name, true);

	pins_clear(&b->pins, false);
	if (err)
		return;
	h = map.data;
	store_release(&h->state, 0);
	pinned_map_close(&map);
}

static int begin(struct ring_bpf *b, const struct ktach_ring_header *h,
		 char *log)
{
	int err;

	clear(b);
	err = ring_load(&b->pins, h, b->options, log, LOG_BYTES);
	if (!err)
		err = pinned_map_open(&b->control, b->dir, "control", true);
	return err;
}

static int own(struct ring_bpf *b, char *log)
{
	struct ktach_ring_header h;
	int err;

	ring_load_shape(&h, b->spec, b->options);
	err = go_on(b, &h);
	if (err)
		err = begin(b, &h, log);
	if (err)
		return err;
	b->is_ours = true;
	ring_bpf_keep(b);
	return set_period(b);
}

/* The folder of all pins, and in it the ring's own. */
static int open_pins(struct ring_bpf *b, const char **what)
{
	const char *all = b->options->net.pins;
	struct pins parent;
	int err = pin_path(b->dir, all, b->spec->pins);

	*what = "use that folder";
	if (!err)
		err = pins_open(&parent, all, what);
	if (err)
		return err;
	pins_close(&parent);
	return pins_open(&b->pins, b->dir, what);
}

static void drop(struct ring_bpf *b)
{
	clear(b);
	pins_clear(&b->pins, true);
	pinned_map_close(&b->control);
	b->is_ours = false;
}

static int own_or_leave(struct ring_bpf *b, char why[RING_BPF_WHY])
{
	char *log;
	int err;

	if (!pins_lock(&b->pins)) {
		pins_close(&b->pins);
		return 0;
	}
	log = calloc(1, LOG_BYTES);
	err = log ? own(b, log) : -ENOMEM;
	if (err) {
		snprintf(why, RING_BPF_WHY, "%s",
			 reason_of(err, log ? log : ""));
		log_debug("%s: BPF: %s", b->spec->title, strerror(-err));
		drop(b);
		pins_close(&b->pins);
		b->is_refused = true;
	}
	free(log);
	return err;
}

void ring_bpf_init(struct ring_bpf *b, const struct cpu_source_spec *spec,
		   const struct host_options *options)
{
	*b = (struct ring_bpf){ .spec = spec,
				.options = options,
				.pins.fd = -1 };
}

int ring_bpf_start(struct ring_bpf *b, char why[RING_BPF_WHY])
{
	const struct host_options *options = b->options;
	const char *what;
	int err;

	bpf_log_init();
	if (counts_elsewhere(options->sys)) {
		snprintf(why, RING_BPF_WHY,
			 "BPF does not see the times of CPUs of nohz_full=");
		return -EOPNOTSUPP;
	}
	err = open_pins(b, &what);
	if (!err)
		return own_or_leave(b, why);
	pins_close(&b->pins);
	if (err == -ENOTSUP)
		snprintf(why, RING_BPF_WHY, "%s is not in a bpffs",
			 options->net.pins);
	else if (err == -EACCES || err == -EPERM)
		snprintf(why, RING_BPF_WHY, "no right to %s in %.80s", what,
			 options->net.pins);
	else
		snprintf(why, RING_BPF_WHY, "cannot %s in %.80s: %s", what,
			 options->net.pins, strerror(-err));
	return err;
}

void ring_bpf_leave(struct ring_bpf *b)
{
	pinned_map_close(&b->control);
	pins_close(&b->pins);
	b->is_ours = false;
}

static int end(const struct cpu_source_spec *spec, const char *all)
{
	struct ring_bpf b = { .spec = spec, .pins.fd = -1 };
	const char *what;
	int err = pin_path(b.dir, all, spec->pins);

	if (err || access(b.dir, F_OK))
		return 0;
	err = pins_open(&b.pins, b.dir, &what);
	if (!err && pins_lock(&b.pins))
		drop(&b);
	else if (!err)
		err = -EBUSY;
	pins_close(&b.pins);
	return err;
}

void ring_bpf_end(struct ring_bpf *b)
{
	if (b->is_ours)
		drop(b);
	ring_bpf_leave(b);
	end(b->spec, b->options->net.pins);
}

int ring_bpf_detach(const char *pins)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(specs) / sizeof(specs[0]); i++)
		err = end(specs[i], pins);
	if (err == -EBUSY)
		log_error(
			"a ktach-shipper looks after the rings in %s: stop it first",
			pins);
	else if (err)
		log_error("cannot remove the rings in %s: %s", pins,
			  strerror(-err));
	return err;
}
