// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <liburing.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "ktach/doctor.h"

#define SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

enum {
	EFI_ATTRIBUTES = 4, /* bytes before a variable's value */
};

/* Does this process have a capability: CAP_NET_ADMIN and the like? */
static bool has_capability(int capability)
{
	unsigned long long mask = 0;
	char line[256];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &mask) == 1)
			break;
	if (status)
		fclose(status);
	return mask >> capability & 1;
}

void check_rights(const struct settings *s, struct finding *f)
{
	static const struct {
		int capability;
		const char *name;
		const char *use;
	} wanted[] = {
		{ CAP_BPF, "CAP_BPF", "packet rates and bursts" },
		{ CAP_PERFMON, "CAP_PERFMON",
		  "loading the BPF programs, set period, exact times" },
	};
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (has_capability(wanted[i].capability) ||
		    has_capability(CAP_SYS_ADMIN))
			continue;
		f->verdict = VERDICT_WARNING;
		found_more(f, "no %s (%s)", wanted[i].name, wanted[i].use);
	}
	if (f->verdict)
		snprintf(f->advice, sizeof(f->advice),
			 "be root for these; the rest works without");
	else
		found_more(f, "all that ktach can use");
}

void check_btf(const struct settings *s, struct finding *f)
{
	if (!access("/sys/kernel/btf/vmlinux", R_OK))
		found(f, VERDICT_OK, "the kernel describes its types", "");
	else
		found(f, VERDICT_WARNING, "no /sys/kernel/btf/vmlinux",
		      "packets can't be counted: use a kernel with CONFIG_DEBUG_INFO_BTF");
}

/* "none [integrity] confidentiality": what is in brackets holds. */
void check_lockdown(const struct settings *s, struct finding *f)
{
	char line[128], *mode;
	int err =
		read_line("/sys/kernel/security/lockdown", line, sizeof(line));

	mode = strchr(line, '[');
	if (err == -EACCES) {
		found(f, VERDICT_WARNING, "cannot be read",
		      "be root to see it");
	} else if (err || !mode || !strncmp(mode, "[none]", 6)) {
		found(f, VERDICT_OK, "not locked down", "");
	} else {
		mode[strcspn(mode, "]")] = '\0';
		found(f, VERDICT_WARNING, mode + 1,
		      "modules must be signed; under confidentiality BPF programs may be refused");
	}
}

static bool modules_are_signed(void)
{
	char line[8];

	return !read_line("/sys/module/module/parameters/sig_enforce", line,
			  sizeof(line)) &&
	       *line == 'Y';
}

void check_secure_boot(const struct settings *s, struct finding *f)
{
	FILE *variable = fopen(SECURE_BOOT, "re");
	unsigned char value[EFI_ATTRIBUTES + 1] = { 0 };

	if (variable) {
		if (fread(value, 1, sizeof(value), variable) != sizeof(value))
			value[EFI_ATTRIBUTES] = 0;
		fclose(variable);
	}
	if (value[EFI_ATTRIBUTES])
		found(f, VERDICT_WARNING, "Secure Boot is on",
		      "modules must be signed: enrol DKMS's key with mokutil --import /var/lib/dkms/mok.pub");
	else if (modules_are_signed())
		found(f, VERDICT_WARNING, "unsigned modules are refused",
		      "sign ktach's modules with a key that the kernel trusts");
	else
		found(f, VERDICT_OK, "unsigned modules may be loaded", "");
}

void check_io_uring(const struct settings *s, struct finding *f)
{
	char line[16];
	struct io_uring ring;
	int err = io_uring_queue_init(2, &ring, 0);

	if (!err) {
		io_uring_queue_exit(&ring);
		found(f, VERDICT_OK, "can be used", "");
		return;
	}
	found(f, VERDICT_WARNING, "", "");
	found_more(f, "refused: %s", strerror(-err));
	if (!read_line("/proc/sys/kernel/io_uring_disabled", line,
		       sizeof(line)) &&
	    *line != '0') {
		found_more(f, "kernel.io_uring_disabled is %s", line);
		snprintf(
			f->advice, sizeof(f->advice),
			"sysctl kernel.io_uring_disabled=0, or run the shipper as root if it is 1");
	}
}

void check_clock(const struct settings *s, struct finding *f)
{
	struct timex t = { 0 };
	char source[64];
	int state = adjtimex(&t);

	if (!read_line(
		    "/sys/devices/system/clocksource/clocksource0/current_clocksource",
		    source, sizeof(source)))
		found_more(f, "clock source %s", source);
	if (!strcmp(source, "hpet") || !strcmp(source, "acpi_pm") ||
	    !strcmp(source, "jiffies")) {
		f->verdict = VERDICT_WARNING;
		snprintf(
			f->advice, sizeof(f->advice),
			"reading this clock is slow or coarse, and every packet does it: see the boot messages for why tsc is not used");
	}
	if (state != TIME_ERROR && !(t.status & STA_UNSYNC)) {
		found_more(f, "synchronised");
		return;
	}
	found_more(f, "not synchronised");
	f->verdict = VERDICT_WARNING;
	if (!*f->advice)
		snprintf(
			f->advice, sizeof(f->advice),
			"times of different hosts can't be compared: run chrony or systemd-timesyncd");
}

/* The kernel's configuration, from wherever it is. gzopen() reads both. */
static gzFile open_config(void)
{
	struct utsname name;
	char path[256];
	gzFile config = gzopen("/proc/config.gz", "re");

	if (config || uname(&name))
		return config;
	snprintf(path, sizeof(path), "/boot/config-%s", name.release);
	return gzopen(path, "re");
}

void check_accounting(const struct settings *s, struct finding *f)
{
	gzFile config = open_config();
	bool exact = false;
	char line[256];
	int hz = 0;

	if (!config) {
		found(f, VERDICT_OK,
		      "not known: neither /proc/config.gz nor /boot/config-* is there",
		      "");
		return;
	}
	while (gzgets(config, line, sizeof(line))) {
		sscanf(line, "CONFIG_HZ=%d", &hz);
		exact |= !strncmp(line, "CONFIG_IRQ_TIME_ACCOUNTING=y", 28) ||
			 !strncmp(line, "CONFIG_VIRT_CPU_ACCOUNTING_GEN=y", 32);
	}
	gzclose(config);
	found_more(f, "HZ=%d", hz);
	if (exact || hz <= 0)
		found_more(f, "time in interrupts is measured");
	else
		found_more(
			f,
			"no IRQ time accounting: user, system, irq and softirq times move in steps of %d ms; idle time, softirq counts and packets are exact",
			1000 / hz);
}
