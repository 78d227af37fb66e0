// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host is, from a tree that stands for it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/facts/cpu_model.h"
#include "host/facts/facts.h"
#include "tests/unit/scratch.h"

enum {
	TEXT_MAX = WIRE_TEXT_MAX + 1,
	PATH_ROOM = 512,
};

#define CPU(number, socket, core)                            \
	"processor\t: " number "\nmodel name\t: Some CPU \n" \
	"physical id\t: " socket "\ncore id\t\t: " core "\n" \
	"flags\t\t: fpu vme hypervisor_not sse\n\n"

static const char cpuinfo[] = CPU("0", "0", "0") CPU("1", "0", "4")
	CPU("2", "1", "0") CPU("3", "1", "4") CPU("4", "0", "0")
		CPU("5", "0", "4") CPU("6", "1", "0") CPU("7", "1", "4");

static char tree[64];
static char proc[PATH_ROOM], sys[PATH_ROOM], root[PATH_ROOM];
static char said[WIRE_FACT_KEYS][TEXT_MAX];

static void cpus(void **state)
{
	struct cpu_facts f;

	assert_int_equal(cpuinfo_facts(cpuinfo, &f), 0);
	assert_int_equal(f.threads, 8);
	assert_int_equal(f.placed, 8);
	assert_int_equal(f.cores, 4);
	assert_int_equal(f.sockets, 2);
	assert_false(f.guest);
	assert_int_equal(cpuinfo_facts("flags\t\t: sse hypervisor\n", &f), 0);
	assert_true(f.guest);
	assert_int_equal(f.threads + f.cores + f.sockets, 0);
}

/* What each architecture calls its CPUs, and all kinds of them. */
static void models(void **state)
{
	static const struct {
		const char *text;
		const char *model;
	} cases[] = {
		{ cpuinfo, "Some CPU" },
		{ "processor\t: 0\nCPU implementer\t: 0x41\n"
		  "CPU architecture: 8\nCPU part\t: 0xd0c\n",
		  "Arm Neoverse-N1" },
		{ "model name\t: ARMv7 Processor rev 4 (v7l)\n"
		  "CPU implementer\t: 0x41\nCPU part\t: 0xc0f\n"
		  "CPU implementer\t: 0x41\nCPU part\t: 0xc07\n"
		  "CPU implementer\t: 0x41\nCPU part\t: 0xc0f\n"
		  "Model\t\t: Hardkernel Odroid XU4\n",
		  "Arm Cortex-A15, Arm Cortex-A7 (Hardkernel Odroid XU4)" },
		{ "CPU implementer\t: 0x70\nCPU part\t: 0x663\n",
		  "Phytium FTC663" },
		{ "Model Name\t\t: Loongson-3A6000\n", "Loongson-3A6000" },
		{ "hart\t\t: 1\nisa\t\t: rv64imafdc\n"
		  "uarch\t\t: sifive,u74-mc\n",
		  "sifive,u74-mc" },
		{ "processor\t: 0\ncpu\t\t: POWER9, altivec supported\n"
		  "clock\t\t: 2900.000000MHz\n",
		  "POWER9, altivec supported" },
		{ "vendor_id       : IBM/S390\n# processors    : 2\n"
		  "processor 0: version = FF,  identification = 0133E8,  "
		  "machine = 2964\n",
		  "IBM/S390 2964" },
		{ "cpu model\t\t: MIPS 24Kc V7.4\n", "MIPS 24Kc V7.4" },
		{ "CPU implementer\t: 0x41\nCPU part\t: 0xd0", "" },
		{ "CPU implementer\t: 0x41\nCPU part\t: d0c\n", "" },
		{ "CPU implementer\t: 0x41\nCPU part\t: 0xfff\n", "" },
		{ "CPU part\t: 0xd0c\n", "" },
		{ "model name\t: cut", "" },
		{ "\xff\xfe", "" },
	};
	char model[TEXT_MAX], small[8];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cpu_model(cases[i].text, model, TEXT_MAX),
				 strlen(cases[i].model));
		assert_string_equal(model, cases[i].model);
		assert_true(cpu_model(cases[i].text, small, 8) < 8);
	}
}

static void cpus_odd(void **state)
{
	struct cpu_facts f;
	char *text = strdup(cpuinfo);
	size_t i;

	for (i = 0; i < strlen(cpuinfo); i++) {
		text[i] = '\xff';
		assert_int_equal(cpuinfo_facts(text, &f), 0);
		assert_true(f.threads <= 8 && f.cores <= 8 && f.sockets <= 8);
		text[i] = '\0';
		assert_int_equal(cpuinfo_facts(text, &f), 0);
		assert_true(f.threads <= 8 && f.cores <= 4 && f.sockets <= 2);
		text[i] = cpuinfo[i];
	}
	assert_int_equal(cpuinfo_facts("processor\t: 0\n"
				       "physical id\t: 99999999999999999999\n"
				       "core id\t\t: 4294967296\n",
				       &f),
			 0);
	assert_int_equal(f.cores, 0);
	free(text);
}

static void cpu_lists(void **state)
{
	static const char *const bad[] = {
		"",	 "\n",	   "0-3", "0-",	     "0-\n",
		"3-1\n", "0-3,\n", "x\n", "0-3;5\n", "0-99999999999\n"
	};
	size_t i;

	assert_int_equal(cpu_list_count("0\n"), 1);
	assert_int_equal(cpu_list_count("0-3,8,10-11\n"), 7);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cpu_list_count(bad[i]), 0);
}

static void hypervisors(void **state)
{
	assert_string_equal(fact_hypervisor("QEMU", "Standard PC"), "kvm");
	assert_string_equal(fact_hypervisor("VMware, Inc.", "VMware7,1"),
			    "vmware");
	assert_string_equal(fact_hypervisor("Microsoft Corporation",
					    "Virtual Machine"),
			    "microsoft");
	assert_null(fact_hypervisor("Microsoft Corporation", "Surface Pro"));
	assert_string_equal(fact_hypervisor("Amazon EC2", "m5.large"),
			    "amazon");
	assert_null(fact_hypervisor("Amazon EC2", "m5.metal"));
	assert_null(fact_hypervisor("Dell Inc.", "PowerEdge R640"));
	assert_null(fact_hypervisor("", ""));
}

/* Make a file, and the folders above it. */
static void write_file(const char *name, const char *text)
{
	char path[PATH_ROOM];
	char *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	for (slash = strchr(path + strlen(tree) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void keep(void *arg, const struct wire_table *t)
{
	uint32_t i;

	assert_int_equal(t->kind, WIRE_FACTS);
	for (i = 0; i < t->rows; i++) {
		assert_true(t->cells[i] < WIRE_FACT_KEYS);
		snprintf(said[t->cells[i]], TEXT_MAX, "%.*s",
			 (int)t->text[i].size, t->text[i].data);
	}
}

static void read_facts(void)
{
	const struct host_options options = { .proc = proc,
					      .sys = sys,
					      .root = root };
	const struct host_sink sink = { .put = keep };
	void *state;

	memset(said, 0, sizeof(said));
	assert_int_equal(host_facts.open(&state, &options), 0);
	assert_int_equal(host_facts.read(state, &sink), 0);
	host_facts.close(state);
}

static int make_tree(void **state)
{
	char path[2 * PATH_ROOM];

	assert_non_null(scratch_folder(tree));
	snprintf(proc, sizeof(proc), "%s/proc", tree);
	snprintf(sys, sizeof(sys), "%s/sys", tree);
	snprintf(root, sizeof(root), "%s/root", tree);
	write_file("proc/cpuinfo", cpuinfo);
	write_file("proc/meminfo", "MemTotal:   16 kB\n");
	write_file("proc/stat", "cpu  1 2 3\nbtime 1795469591\n");
	write_file("sys/devices/system/cpu/online", "0-7\n");
	write_file("proc/sys/kernel/random/boot_id",
		   "3b1b5a5e-0000-4000-8000-0123456789ab\n");
	write_file("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	write_file("sys/class/dmi/id/sys_vendor", "QEMU\n");
	write_file("sys/module/ktach_aggregator/version", "0.1.0\n");
	write_file("root/etc/hostname", "# ours\nserver.example.net\n");
	write_file("root/etc/os-release",
		   "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
	snprintf(path, sizeof(path), "%s/etc/localtime", root);
	return symlink("/usr/share/zoneinfo/Europe/Berlin", path);
}

static int remove_tree(void **state)
{
	char command[PATH_ROOM];

	snprintf(command, sizeof(command), "rm -r %s", tree);
	return system(command);
}

static void of_a_tree(void **state)
{
	read_facts();
	assert_string_equal(said[WIRE_FACT_HOST_NAME], "server.example.net");
	assert_string_equal(said[WIRE_FACT_KERNEL], "6.1.0-56-amd64");
	assert_string_equal(said[WIRE_FACT_DISTRIBUTION],
			    "Debian GNU/Linux 12");
	assert_string_equal(said[WIRE_FACT_VIRTUALISATION], "kvm");
	assert_string_equal(said[WIRE_FACT_CPU_MODEL], "Some CPU");
	assert_string_equal(said[WIRE_FACT_SOCKETS], "2");
	assert_string_equal(said[WIRE_FACT_CORES], "4");
	assert_string_equal(said[WIRE_FACT_THREADS], "8");
	assert_string_equal(said[WIRE_FACT_MEMORY_BYTES], "16384");
	assert_string_equal(said[WIRE_FACT_BOOT_REAL_NS],
			    "1795469591000000000");
	assert_string_equal(said[WIRE_FACT_BOOT_ID],
			    "3b1b5a5e-0000-4000-8000-0123456789ab");
	assert_string_equal(said[WIRE_FACT_TIME_ZONE], "Europe/Berlin");
	assert_string_equal(said[WIRE_FACT_MODULES_VERSION], "0.1.0");
	/* Those of this test's network are not that host's. */
	assert_string_equal(said[WIRE_FACT_ADDRESS], "");
}

/* Half of the file is no half of the machine. */
static void of_half(void **state)
{
	write_file("proc/cpuinfo", CPU("0", "0", "0") CPU("1", "0", "4"));
	read_facts();
	assert_string_equal(said[WIRE_FACT_CPU_MODEL], "Some CPU");
	assert_string_equal(said[WIRE_FACT_THREADS], "8");
	assert_string_equal(said[WIRE_FACT_CORES], "");
	assert_string_equal(said[WIRE_FACT_SOCKETS], "");
}

/* A board: no physical ids, no DMI. */
static void of_a_board(void **state)
{
	write_file("proc/cpuinfo",
		   "processor\t: 0\nBogoMIPS\t: 108.00\n\n"
		   "processor\t: 1\nBogoMIPS\t: 108.00\n\n"
		   "Model\t\t: Raspberry Pi 4 Model B Rev 1.4\n");
	write_file("sys/devices/system/cpu/possible", "0-1\n");
	write_file("sys/devices/system/cpu/online", "0,1\n");
	write_file("sys/devices/system/cpu/cpu0/topology/core_id", "0\n");
	write_file("sys/devices/system/cpu/cpu0/topology/physical_package_id",
		   "0\n");
	write_file("sys/devices/system/cpu/cpu1/topology/core_id", "1\n");
	write_file("sys/devices/system/cpu/cpu1/topology/physical_package_id",
		   "0\n");
	write_file("sys/class/dmi/id/sys_vendor", "");
	read_facts();
	assert_string_equal(said[WIRE_FACT_CPU_MODEL],
			    "Raspberry Pi 4 Model B Rev 1.4");
	assert_string_equal(said[WIRE_FACT_SOCKETS], "1");
	assert_string_equal(said[WIRE_FACT_CORES], "2");
	assert_string_equal(said[WIRE_FACT_THREADS], "2");
	/* Nobody knows: these CPUs have no flag for it. */
	assert_string_equal(said[WIRE_FACT_VIRTUALISATION], "");
}

/* Ids of cores begin anew in each cluster: who shares a core is what tells. */
static void of_clusters(void **state)
{
	char name[64], text[16];
	int cpu;

	write_file("proc/cpuinfo", "processor\t: 0\n");
	write_file("sys/devices/system/cpu/possible", "0-7\n");
	write_file("sys/devices/system/cpu/online", "0-7\n");
	for (cpu = 0; cpu < 8; cpu++) {
		const char *folder = "sys/devices/system/cpu";

		snprintf(name, sizeof(name), "%s/cpu%d/topology/core_id",
			 folder, cpu);
		snprintf(text, sizeof(text), "%d\n", cpu % 4);
		write_file(name, text);
		snprintf(name, sizeof(name),
			 "%s/cpu%d/topology/physical_package_id", folder, cpu);
		write_file(name, "0\n");
		snprintf(name, sizeof(name), "%s/cpu%d/topology/core_cpus_list",
			 folder, cpu);
		snprintf(text, sizeof(text), "%d\n", cpu);
		write_file(name, text);
	}
	read_facts();
	assert_string_equal(said[WIRE_FACT_CORES], "8");
	assert_string_equal(said[WIRE_FACT_SOCKETS], "1");
}

/* What makes no sense is left out, or told without what is in the way. */
static void of_damage(void **state)
{
	write_file("proc/meminfo", "MemTotal:   16");
	write_file("proc/stat", "btime 99999999999999\n");
	write_file("proc/cpuinfo", "\xff\xfe");
	write_file("root/etc/os-release", "PRETTY_NAME=\"Caf\xe9 \x1b[2J\"\n");
	write_file("sys/devices/system/cpu/online", "0-");
	write_file("sys/class/dmi/id/sys_vendor", "QE");
	write_file("root/etc/hostname", "# serv\n \r\n");
	write_file("root/run/systemd/container", "lxc\n");
	read_facts();
	assert_string_equal(said[WIRE_FACT_MEMORY_BYTES], "");
	assert_string_equal(said[WIRE_FACT_BOOT_REAL_NS], "");
	assert_string_equal(said[WIRE_FACT_CPU_MODEL], "");
	assert_string_equal(said[WIRE_FACT_CORES], "");
	assert_string_equal(said[WIRE_FACT_THREADS], "");
	assert_string_equal(said[WIRE_FACT_HOST_NAME], "");
	assert_string_equal(said[WIRE_FACT_DISTRIBUTION], "Caf? ?[2J");
	assert_string_equal(said[WIRE_FACT_VIRTUALISATION], "lxc");
}

#define in_tree(test) \
	cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus),	     cmocka_unit_test(cpus_odd),
		cmocka_unit_test(cpu_lists), cmocka_unit_test(hypervisors),
		in_tree(of_a_tree),	     in_tree(of_half),
		cmocka_unit_test(models),    in_tree(of_clusters),
		in_tree(of_a_board),	     in_tree(of_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
