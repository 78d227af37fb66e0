// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "bench/feeds/whole.h"

#define S UINT64_C(1000000000)

enum {
	PROCESSES = 8,
	CPUS_MAX = 64,
};

#define TEXT(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}

static void put_more_values(const struct whole *h)
{
	uint64_t gauges[WIRE_GAUGE_KEYS][2], counters[WIRE_COUNTER_KEYS][2];
	uint64_t i;

	for (i = 0; i < WIRE_GAUGE_KEYS; i++) {
		gauges[i][0] = i;
		gauges[i][1] = i < WIRE_MEMORY_TOTAL_BYTES ? h->node % 100 + i :
			       i < WIRE_PSI_CPU_SOME_10S   ? i << 26 :
							     h->node % 50 * 10;
	}
	gauges[WIRE_MEMORY_TOTAL_BYTES][1] = UINT64_C(16) << 30;
	gauges[WIRE_MEMORY_AVAILABLE_BYTES][1] = (16 - h->node % 16) << 30;
	gauges[WIRE_MEMORY_FREE_BYTES][1] = (16 - h->node % 16) << 28;
	gauges[WIRE_MEMORY_CACHED_BYTES][1] = UINT64_C(3) << 30;
	gauges[WIRE_MEMORY_HUGE_TOTAL_BYTES][1] = 0;
	gauges[WIRE_MEMORY_HUGE_FREE_BYTES][1] = 0;
	gauges[WIRE_SWAP_TOTAL_BYTES][1] = UINT64_C(4) << 30;
	gauges[WIRE_SWAP_FREE_BYTES][1] = UINT64_C(3) << 30;
	for (i = 0; i < WIRE_COUNTER_KEYS; i++) {
		counters[i][0] = i;
		counters[i][1] = h->round * (5000 + h->node % 100 * 10 + i);
	}
	for (i = WIRE_PSI_CPU_SOME_NS; i <= WIRE_PSI_IO_FULL_NS; i++)
		counters[i][1] = h->round * h->interval_ns / 20;
	h->put(WIRE_GAUGES, WIRE_ORIGIN_PROC, 2, WIRE_GAUGE_KEYS, gauges[0],
	       NULL, 0);
	h->put(WIRE_COUNTERS, WIRE_ORIGIN_PROC, 2, WIRE_COUNTER_KEYS,
	       counters[0], NULL, 0);
}

static void put_facts(const struct whole *h)
{
	static const uint64_t keys[] = {
		WIRE_FACT_HOST_NAME,	WIRE_FACT_KERNEL,
		WIRE_FACT_DISTRIBUTION, WIRE_FACT_ARCHITECTURE,
		WIRE_FACT_CPU_MODEL,	WIRE_FACT_SOCKETS,
		WIRE_FACT_CORES,	WIRE_FACT_THREADS,
		WIRE_FACT_MEMORY_BYTES, WIRE_FACT_BOOT_REAL_NS,
		WIRE_FACT_TIME_ZONE,	WIRE_FACT_ADDRESS,
		WIRE_FACT_ADDRESS,
	};
	static const struct wire_text texts[] = {
		TEXT("db7.example.net"),
		TEXT("6.1.0-56-amd64"),
		TEXT("Debian GNU/Linux 12 (bookworm)"),
		TEXT("x86_64"),
		TEXT("AMD EPYC 9654 96-Core Processor"),
		TEXT("1"),
		TEXT("4"),
		TEXT("8"),
		TEXT("17179869184"),
		TEXT("1790000000000000000"),
		TEXT("Europe/Berlin"),
		TEXT("192.0.2.7"),
		TEXT("2001:db8::7"),
	};

	h->put(WIRE_FACTS, WIRE_ORIGIN_PROC, 1, sizeof(keys) / sizeof(keys[0]),
	       keys, texts, 1);
}

static void put_disks(const struct whole *h)
{
	static const struct wire_text names[] = { TEXT("nvme0n1"),
						  TEXT("vg0-data") };
	uint64_t cells[2 * WIRE_DISK_COLUMNS] = { 0 };
	uint32_t i, k;

	for (i = 0; i < 2; i++) {
		uint64_t *c = &cells[i * WIRE_DISK_COLUMNS];
		uint64_t each = h->round * (h->node % 100 + 1) * (2 - i);

		for (k = 1; k < WIRE_DISK_COLUMNS; k++)
			c[k] = each;
		c[WIRE_DISK_KEY] = UINT64_C(259) << 20 | i;
		c[WIRE_DISK_READ_BYTES] = each * 4096;
		c[WIRE_DISK_WRITTEN_BYTES] = each * 16384;
		c[WIRE_DISK_READ_NS] = each * 200000;
		c[WIRE_DISK_WRITE_NS] = each * 600000;
		c[WIRE_DISK_BUSY_NS] =
			h->round * h->interval_ns / 100 * (h->node % 100);
		c[WIRE_DISK_QUEUE_NS] = 2 * c[WIRE_DISK_BUSY_NS];
		c[WIRE_DISK_IN_FLIGHT] = h->node % 4;
		c[WIRE_DISK_SIZE_BYTES] = UINT64_C(1) << 40;
	}
	h->put(WIRE_DISK, WIRE_ORIGIN_PROC, WIRE_DISK_COLUMNS, 2, cells, names,
	       1);
}

/* The last one does not answer. */
static void put_mounts(const struct whole *h)
{
	static const struct wire_text texts[] = {
		TEXT("/"),	  TEXT("/dev/nvme0n1p2"),
		TEXT("ext4"),	  TEXT("/srv/read only"),
		TEXT("/dev/sr0"), TEXT("iso9660"),
		TEXT("/mnt/nfs"), TEXT("filer:/export"),
		TEXT("nfs4"),
	};
	const uint64_t gib = UINT64_C(1) << 30, used = h->node % 100 * gib;
	const uint64_t cells[] = {
		22,
		0,
		120 * gib,
		used,
		100 * gib - used,
		8000000,
		7000000,
		40,
		WIRE_MOUNT_READ_ONLY,
		4 * gib,
		4 * gib,
		0,
		0,
		0,
		41,
		WIRE_MOUNT_HUNG,
		WIRE_ABSENT,
		WIRE_ABSENT,
		WIRE_ABSENT,
		WIRE_ABSENT,
		WIRE_ABSENT,
	};

	h->put(WIRE_MOUNT, WIRE_ORIGIN_PROC, WIRE_MOUNT_COLUMNS, 3, cells,
	       texts, WIRE_MOUNT_TEXTS);
}

static void put_links(const struct whole *h)
{
	static const struct wire_text texts[] = {
		TEXT("eth0"),  TEXT("52:54:00:12:34:56"),
		TEXT("ixgbe"), TEXT("192.0.2.7/24 2001:db8::7/64"),
		TEXT("eth1"),  TEXT("52:54:00:12:34:57"),
		TEXT("ixgbe"), TEXT(""),
	};
	uint64_t cells[2 * WIRE_LINK_COLUMNS] = { 0 };
	uint64_t rate = (h->node % 200 + 1) * 10000;

	cells[WIRE_LINK_KEY] = 2;
	cells[WIRE_LINK_FLAGS] = WIRE_LINK_UP | WIRE_LINK_CARRIER |
				 WIRE_LINK_FULL_DUPLEX;
	cells[WIRE_LINK_SPEED_BITS_PER_S] = UINT64_C(10000000000);
	cells[WIRE_LINK_MTU_BYTES] = 1500;
	cells[WIRE_LINK_RX_BYTES] = rate * h->round;
	cells[WIRE_LINK_RX_PACKETS] = rate * h->round / 500;
	cells[WIRE_LINK_RX_DROPPED] = h->round * (h->node % 3);
	cells[WIRE_LINK_COLUMNS + WIRE_LINK_KEY] = 3;
	cells[WIRE_LINK_COLUMNS + WIRE_LINK_SPEED_BITS_PER_S] = WIRE_ABSENT;
	cells[WIRE_LINK_COLUMNS + WIRE_LINK_MTU_BYTES] = 9000;
	h->put(WIRE_LINK, WIRE_ORIGIN_NETLINK, WIRE_LINK_COLUMNS, 2, cells,
	       texts, WIRE_LINK_TEXTS);
}

static void put_sensors(const struct whole *h)
{
	static const struct wire_text texts[] = {
		TEXT("k10temp"), TEXT("cpu"), TEXT("nvme"), TEXT("Composite"),
		TEXT("nct6775"), TEXT("fan1"), TEXT("rapl"), TEXT("package-0"),
	};
	const uint64_t cells[] = {
		1,
		WIRE_SENSOR_MILLI_CELSIUS,
		30000 + h->node % 100 * 500,
		WIRE_ABSENT,
		95000,
		2,
		WIRE_SENSOR_MILLI_CELSIUS,
		38850,
		81850,
		84850,
		3,
		WIRE_SENSOR_RPM,
		1200 + h->round % 7,
		WIRE_ABSENT,
		WIRE_ABSENT,
		4,
		WIRE_SENSOR_MICRO_JOULE,
		h->round * h->interval_ns / 1000 * 65,
		WIRE_ABSENT,
		WIRE_ABSENT,
	};

	h->put(WIRE_SENSOR, WIRE_ORIGIN_PROC, WIRE_SENSOR_COLUMNS, 4, cells,
	       texts, WIRE_SENSOR_TEXTS);
}

static void put_processes(const struct whole *h)
{
	static const char *const names[PROCESSES] = {
		"postgres", "node", "java",	     "nginx",
		"systemd",  "sshd", "ktach-shipper", "kworker/0:1",
	};
	uint64_t cells[PROCESSES * WIRE_PROCESS_COLUMNS];
	struct wire_text texts[PROCESSES * WIRE_PROCESS_TEXTS];
	uint32_t i;

	for (i = 0; i < PROCESSES; i++) {
		uint64_t *c = &cells[i * WIRE_PROCESS_COLUMNS];
		struct wire_text *t = &texts[i * WIRE_PROCESS_TEXTS];

		c[WIRE_PROCESS_KEY] = 100 + i * 311;
		c[WIRE_PROCESS_STATE] = i < 2 ? 'R' : 'S';
		c[WIRE_PROCESS_CPU_NS] = h->round * (8 - i) * 10000000;
		c[WIRE_PROCESS_CPU_SHARE] = (8 - i) * (h->node % 100) * 10;
		c[WIRE_PROCESS_RSS_BYTES] = i == 7 ? 0 : (i + 1) << 27;
		c[WIRE_PROCESS_THREADS] = i + 1;
		c[WIRE_PROCESS_START_NS] = (i + 1) * S;
		c[WIRE_PROCESS_PARENT] = i == 7 ? 2 : 1;
		t[0] = (struct wire_text){ names[i], strlen(names[i]) };
		t[1] = (struct wire_text)TEXT("root");
		t[2] = (struct wire_text)TEXT("/system.slice");
		t[3] = (struct wire_text)TEXT("");
	}
	h->put(WIRE_PROCESS, WIRE_ORIGIN_BPF, WIRE_PROCESS_COLUMNS, PROCESSES,
	       cells, texts, WIRE_PROCESS_TEXTS);
}

static void put_cores(const struct whole *h)
{
	uint64_t cells[CPUS_MAX * WIRE_CORE_COLUMNS];
	uint32_t i;

	for (i = 0; i < h->cpus; i++) {
		uint64_t *c = &cells[i * WIRE_CORE_COLUMNS];

		c[WIRE_CORE_KEY] = i;
		c[WIRE_CORE_HZ] =
			UINT64_C(1500000000) + (h->node + i) % 9 * 200000000;
		c[WIRE_CORE_PACKETS] = h->round * 1000;
		c[WIRE_CORE_DROPPED] = 0;
		c[WIRE_CORE_SQUEEZED] = h->round * (i % 2);
	}
	h->put(WIRE_CORE, WIRE_ORIGIN_PROC, WIRE_CORE_COLUMNS, h->cpus, cells,
	       NULL, 0);
}

static void put_irqs(const struct whole *h)
{
	static const struct wire_text names[] = { TEXT("nvme0q1"),
						  TEXT("eth0-TxRx-0") };
	const uint64_t cells[] = { 40, h->round * 300, 51, h->round * 900 };

	h->put(WIRE_IRQ, WIRE_ORIGIN_PROC, WIRE_IRQ_COLUMNS, 2, cells, names,
	       1);
}

void whole_put(const struct whole *h)
{
	put_more_values(h);
	put_disks(h);
	put_links(h);
	put_sensors(h);
	put_cores(h);
	put_irqs(h);
	if (h->round % 3 == 0)
		put_mounts(h);
	if (h->round % 2)
		return;
	put_processes(h);
	put_facts(h);
}
