// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "host/cpu/ring_bpf.h"
#include "ktach/doctor.h"
#include "lib/base/clock.h"
#include "lib/netlink/genl.h"

enum {
	LATE_PERIODS = 3, /* without a sample: the source stands still */
};

static const char *const modules[] = {
	"ktach_aggregator",
	"ktach_cpustat",
	"ktach_softirq",
};

static const struct cpu_source_spec *const tables[] = {
	&cpu_source_times,
	&cpu_source_softirqs,
};

static bool is_loaded(const char *module)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

/* Does this kernel's list of modules name it? DKMS puts it there. */
static bool is_installed(const char *module)
{
	char path[256], line[1024], file[64];
	struct utsname name;
	bool is = false;
	FILE *list;

	uname(&name);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		 name.release);
	snprintf(file, sizeof(file), "/%s.ko", module);
	list = fopen(path, "re");
	while (list && !is && fgets(line, sizeof(line), list)) {
		char *colon = strchr(line, ':');

		if (colon)
			*colon = '\0';
		is = strstr(line, file) != NULL;
	}
	if (list)
		fclose(list);
	return is;
}

static void advise_modules(struct finding *f, bool installed)
{
	const char *advice =
		"install the package ktach-dkms, then modprobe -a ktach_cpustat ktach_softirq";

	f->verdict = VERDICT_WARNING;
	if (access("/proc/modules", F_OK))
		advice =
			"this kernel loads no modules; figures come from /proc";
	else if (installed)
		advice = "modprobe -a ktach_cpustat ktach_softirq";
	else if (!access("/var/lib/dkms/ktach", F_OK))
		advice =
			"DKMS has ktach, but not for this kernel: install its headers, then dkms autoinstall";
	snprintf(f->advice, sizeof(f->advice), "%s", advice);
}

void check_modules(const struct settings *s, struct finding *f)
{
	bool installed = true, loaded = true;
	size_t i;

	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		bool is = is_loaded(modules[i]);

		loaded &= is;
		installed &= is || is_installed(modules[i]);
		found_more(f, "%s %s", modules[i],
			   is			    ? "loaded" :
			   is_installed(modules[i]) ? "installed, not loaded" :
						      "not installed");
	}
	if (!loaded)
		advise_modules(f, installed);
}

static void look_at_device(const struct cpu_source_spec *t, struct finding *f)
{
	struct ring ring;
	int err;

	if (!is_loaded(t->module))
		return;
	err = cpu_table_ring_open(t, &ring);
	if (!err) {
		found_more(f, "%s can be read", t->device);
		ring_close(&ring);
		return;
	}
	f->verdict = VERDICT_FAILED;
	found_more(f, "%s: %s", t->device, strerror(-err));
	if (err == -EACCES || err == -EPERM)
		snprintf(f->advice, sizeof(f->advice),
			 "be root, or of the group ktach");
	else if (err == -EPROTO)
		snprintf(f->advice, sizeof(f->advice),
			 "load the modules of this version");
	else
		snprintf(f->advice, sizeof(f->advice),
			 "look at dmesg, and at the udev rules");
}

void check_devices(const struct settings *s, struct finding *f)
{
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		look_at_device(tables[i], f);
	if (!*f->text)
		found(f, VERDICT_OK, "none, as no module is loaded", "");
}

/* Since its newest sample; 0 for one that was lapped meanwhile, or is not there. */
static uint64_t silence_ns(const struct ring *ring, uint64_t head)
{
	struct ring_sample newest;

	if (!head || ring_begin(ring, head, &newest) || ring_end(ring, &newest))
		return 0;
	return clock_mono_ns() - newest.mono_ns;
}

static void look_at_ring(const struct cpu_source_spec *t, struct ring *ring,
			 struct finding *f)
{
	uint64_t head = ring_head(ring), period_ns = ring_period_ns(ring);
	uint64_t age_ns = silence_ns(ring, head);

	found_more(f, "%s %" PRIu64 " samples, %" PRIu64 " ticks missed",
		   ring->layout.name, head, ring_missed(ring));
	if (age_ns < LATE_PERIODS * period_ns + 100000000)
		return;
	f->verdict = VERDICT_FAILED;
	found_more(f, "the last one %" PRIu64 " ms ago", age_ns / 1000000);
	snprintf(f->advice, sizeof(f->advice),
		 "its timer stands still: look at dmesg, load %s anew",
		 t->module);
}

/* Where BPF fills it: one that stands still is as good as none. */
static void look_at_bpf(const struct cpu_source_spec *t, const char *pins,
			struct finding *f)
{
	struct ring ring;
	int err = ring_bpf_map(&ring, t, pins);

	if (!err) {
		found_more(f,
			   "%s by BPF %" PRIu64 " samples, %" PRIu64
			   " ticks missed",
			   t->pins, ring_head(&ring), ring_missed(&ring));
		ring_close(&ring);
	} else if (err == -ESTALE) {
		f->verdict = VERDICT_FAILED;
		found_more(f, "nobody fills %s/%s", pins, t->pins);
		snprintf(
			f->advice, sizeof(f->advice),
			"start ktach-shipper, or remove it by ktach-shipper --detach");
	}
}

void check_rings(const struct settings *s, struct finding *f)
{
	struct ring ring;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (cpu_table_ring_open(tables[i], &ring)) {
			look_at_bpf(tables[i], s->host.net.pins, f);
			continue;
		}
		look_at_ring(tables[i], &ring, f);
		ring_close(&ring);
	}
	if (!*f->text)
		found(f, VERDICT_OK,
		      "none: times and softirqs of CPUs come from /proc", "");
}

static void count_source(const struct family_source *source, void *arg)
{
	++*(int *)arg;
}

void check_netlink(const struct settings *s, struct finding *f)
{
	struct family *family;
	int err = family_open(&family), sources = 0;

	if (!err) {
		family_sources(family, count_source, &sources);
		family_close(family);
		found_more(f, "the family ktach tells of %d sources", sources);
	} else if (!is_loaded("ktach_aggregator")) {
		found(f, VERDICT_OK, "no family, as no module is loaded", "");
	} else {
		found(f, VERDICT_WARNING, "no family ktach here",
		      err == -ENOENT ?
			      "it exists in the initial network namespace only, and with modules that have it" :
			      strerror(-err));
	}
}
