// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/facts/fact.h"
#include "host/facts/facts.h"
#include "host/file.h"
#include "host/most.h"
#include "host/name.h"
#include "lib/kernel/proc.h"

enum {
	TEXT_MAX = WIRE_TEXT_MAX + 1,
	NS_PER_S = 1000000000,
	KB = 1024,
};

static bool exists(const char *tree, const char *folder, const char *name)
{
	int dir = host_dir(tree, folder);
	bool there;

	if (dir < 0)
		return false;
	there = host_exists_at(dir, name);
	close(dir);
	return there;
}

static void add_name(struct rows *rows, const struct host_options *o)
{
	char text[TEXT_MAX];

	if (host_name(o, text, sizeof(text)))
		fact_add(rows, WIRE_FACT_HOST_NAME, text, strlen(text));
}

static void add_kernel(struct rows *rows, const struct host_options *o)
{
	char text[TEXT_MAX];

	host_release(o, text, sizeof(text));
	fact_add(rows, WIRE_FACT_KERNEL, text, strlen(text));
	host_architecture(o, text, sizeof(text));
	fact_add(rows, WIRE_FACT_ARCHITECTURE, text, strlen(text));
}

/* As in a shell: a backslash before one of these does not belong to the text. */
static size_t add_value(char *to, size_t used, const char *file,
			const char *name)
{
	size_t size, i;
	const char *at = fact_line(file, name, &size);

	if (at && size && used)
		to[used++] = ' ';
	for (i = 0; at && i < size && used < WIRE_TEXT_MAX; i++) {
		if (at[i] == '\\' && i + 1 < size &&
		    strchr("\"$`\\", at[i + 1]))
			i++;
		to[used++] = at[i];
	}
	return used;
}

/* Some distributions have no name for people. */
static void add_distribution(struct rows *rows, const struct host_options *o)
{
	const char *root = host_options_root(o);
	char text[WIRE_TEXT_MAX + 1];
	struct host_file file;
	size_t size;

	if (host_file_once(&file, root, "etc/os-release") &&
	    host_file_once(&file, root, "usr/lib/os-release"))
		return;
	size = add_value(text, 0, file.text, "PRETTY_NAME=");
	if (!size)
		size = add_value(text, add_value(text, 0, file.text, "NAME="),
				 file.text, "VERSION=");
	fact_add(rows, WIRE_FACT_DISTRIBUTION, text, size);
	host_file_close(&file);
}

const char *fact_hypervisor(const char *vendor, const char *product)
{
	static const struct {
		const char *vendor;
		const char *product; /* NULL: any */
		const char *name;
	} known[] = {
		{ "QEMU", NULL, "kvm" },
		{ "Red Hat", "KVM", "kvm" },
		{ "Amazon EC2", "metal", NULL },
		{ "Amazon EC2", NULL, "amazon" },
		{ "Google", "Compute Engine", "google" },
		{ "DigitalOcean", NULL, "kvm" },
		{ "Hetzner", "vServer", "kvm" },
		{ "OpenStack", NULL, "kvm" },
		{ "VMware", NULL, "vmware" },
		{ "innotek GmbH", NULL, "oracle" },
		{ "Microsoft Corporation", "Virtual Machine", "microsoft" },
		{ "Parallels", NULL, "parallels" },
		{ "Xen", NULL, "xen" },
		{ "BHYVE", NULL, "bhyve" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(vendor, known[i].vendor,
			     strlen(known[i].vendor)) &&
		    (!known[i].product || strstr(product, known[i].product)))
			return known[i].name;
	return NULL;
}

/* A container is known by what its manager leaves in it. */
static const char *container(const struct host_options *o, char *text)
{
	const char *root = host_options_root(o);

	if (host_line(root, "run/systemd/container", text, TEXT_MAX))
		return text;
	if (exists(root, "", ".dockerenv"))
		return "docker";
	return exists(root, "run", ".containerenv") ? "podman" : NULL;
}

/* NULL where the CPUs do not tell of a hypervisor. */
static const char *guest(const struct host_options *o)
{
	const char *name = NULL;
	struct host_file file;
	struct cpu_facts f;

	if (host_file_once(&file, o->proc, "cpuinfo"))
		return NULL;
	if (!cpuinfo_facts(file.text, &f) && f.has_flags)
		name = f.guest ? "vm" : "none";
	host_file_close(&file);
	return name;
}

static const char *machine(const struct host_options *o, char *text)
{
	char product[TEXT_MAX] = "";
	const char *name;

	if (host_line(o->sys, "hypervisor/type", text, TEXT_MAX))
		return text;
	host_line(o->sys, "class/dmi/id/product_name", product, TEXT_MAX);
	if (host_line(o->sys, "class/dmi/id/sys_vendor", text, TEXT_MAX)) {
		name = fact_hypervisor(text, product);
		if (name)
			return name;
	}
	return guest(o);
}

static void add_virtualisation(struct rows *rows, const struct host_options *o)
{
	char text[TEXT_MAX];
	const char *name = container(o, text);

	if (!name)
		name = machine(o, text);
	if (name)
		fact_add(rows, WIRE_FACT_VIRTUALISATION, name, strlen(name));
}

/* "MemTotal:       24684084 kB", "btime 1795469591" */
static void add_number(struct rows *rows, enum wire_fact fact,
		       const struct host_options *o, const char *file_name,
		       const char *line, const char *rest, uint64_t unit,
		       uint64_t most)
{
	struct host_file file;
	const char *at;
	uint64_t value;
	size_t size;

	if (host_file_once(&file, o->proc, file_name))
		return;
	at = fact_line(file.text, line, &size);
	if (at && proc_number(&at, &value) &&
	    !strncmp(at, rest, strlen(rest)) &&
	    !__builtin_mul_overflow(value, unit, &value) && value <= most)
		fact_number(rows, fact, value);
	host_file_close(&file);
}

static void add_boot_id(struct rows *rows, const struct host_options *o)
{
	char text[TEXT_MAX];
	size_t n =
		host_line(o->proc, "sys/kernel/random/boot_id", text, TEXT_MAX);

	fact_add(rows, WIRE_FACT_BOOT_ID, text, n);
}

/* A link into the data of zones, or in Debian's way. */
static size_t zone_of(const char *root, char *text)
{
	static const char zones[] = "zoneinfo/";
	int dir = host_dir(root, "etc"), n = -1;
	const char *name = NULL;

	if (dir >= 0) {
		n = host_link_at(dir, "localtime", text, TEXT_MAX);
		close(dir);
	}
	if (n > 0)
		name = strstr(text, zones);
	if (!name)
		return host_line(root, "etc/timezone", text, TEXT_MAX);
	name += strlen(zones);
	memmove(text, name, strlen(name) + 1);
	return strlen(text);
}

static void add_time_zone(struct rows *rows, const struct host_options *o)
{
	char text[TEXT_MAX];
	size_t n = zone_of(host_options_root(o), text);

	fact_add(rows, WIRE_FACT_TIME_ZONE, text, n);
}

static void add_modules(struct rows *rows, const struct host_options *o)
{
	char text[TEXT_MAX];
	size_t n = host_line(o->sys, "module/ktach_aggregator/version", text,
			     TEXT_MAX);

	fact_add(rows, WIRE_FACT_MODULES_VERSION, text, n);
}

void fact_machine(struct rows *rows, const struct host_options *o)
{
	add_name(rows, o);
	add_kernel(rows, o);
	add_distribution(rows, o);
	add_virtualisation(rows, o);
	add_number(rows, WIRE_FACT_MEMORY_BYTES, o, "meminfo",
		   "MemTotal:", " kB\n", KB, MOST_MEMORY_BYTES);
	add_number(rows, WIRE_FACT_BOOT_REAL_NS, o, "stat", "btime ", "\n",
		   NS_PER_S, INT64_MAX);
	add_boot_id(rows, o);
	add_time_zone(rows, o);
	add_modules(rows, o);
}
