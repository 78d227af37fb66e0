// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gauges and counters from files of /proc: what they say, and that a file which
 * is cut short or damaged gives no value that it does not say.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/kernel/limit.h"
#include "host/kernel/timex.h"
#include "host/memory/load.h"
#include "host/memory/memory.h"
#include "host/memory/pressure.h"
#include "host/memory/system.h"
#include "host/protocol/protocol.h"
#include "lib/base/clock.h"

static const char loadavg[] = "0.31 12.25 3.07 2/345 6789\n";

static const char meminfo[] = "MemTotal:       24684084 kB\n"
			      "MemFree:        22873756 kB\n"
			      "MemAvailable:   24066132 kB\n"
			      "Buffers:           30508 kB\n"
			      "Cached:          1081532 kB\n"
			      "SwapCached:            7 kB\n"
			      "SwapTotal:       2097148 kB\n"
			      "SwapFree:        2000000 kB\n"
			      "Dirty:             35280 kB\n"
			      "Writeback:           100 kB\n"
			      "Shmem:              8872 kB\n"
			      "Slab:             432808 kB\n"
			      "SReclaimable:     393940 kB\n"
			      "WritebackTmp:          5 kB\n"
			      "HugePages_Total:       6\n"
			      "HugePages_Free:        4\n"
			      "Hugepagesize:       2048 kB\n"
			      "DirectMap4k:       32768 kB\n";

static const char vmstat[] = "nr_free_pages 5718439\n"
			     "pgpgin 1001\n"
			     "pgpgout 2002\n"
			     "pswpin 30\n"
			     "pswpout 40\n"
			     "pgfault 98201289\n"
			     "pgmajfault 7936\n"
			     "oom_kill 3\n"
			     "swap_ra 9\n";

static const char psi_memory[] =
	"some avg10=1.50 avg60=0.25 avg300=100.00 total=12345\n"
	"full avg10=0.00 avg60=0.01 avg300=0.02 total=99\n";

static const char stat_text[] = "cpu  1 2 3 4 5 6 7 8 9 10\n"
				"cpu0 1 2 3 4 5 6 7 8 9 10\n"
				"intr 820358 0 0 15\n"
				"ctxt 1681626\n"
				"btime 1795469591\n"
				"processes 76905\n"
				"procs_running 6\n"
				"procs_blocked 2\n"
				"softirq 468126 0 71810\n";

static const char snmp[] =
	"Ip: Forwarding DefaultTTL InReceives\n"
	"Ip: 2 64 91269602\n"
	"Icmp: InMsgs InErrors InCsumErrors OutMsgs\n"
	"Icmp: 88055 1 0 88037\n"
	"Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens "
	"AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs "
	"OutRsts InCsumErrors\n"
	"Tcp: 1 200 120000 -1 3400118 3323674 18021 1914578 12 87662636 "
	"87655557 16315 9 1410180 0\n"
	"Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors "
	"SndbufErrors\n"
	"Udp: 3407926 88037 24435 3521341 24436 7\n"
	"UdpLite: InDatagrams NoPorts InErrors\n"
	"UdpLite: 1 2 33\n";

static const char netstat[] =
	"TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed "
	"ListenOverflows ListenDrops TCPTimeouts TCPRcvQDrop TCPOFOQueue "
	"TCPSynRetrans\n"
	"TcpExt: 11 22 33 58214 58215 110 44 55 104\n"
	"IpExt: InNoRoutes InOctets OutOctets\n"
	"IpExt: 0 95722722076 92108263281\n";

static const char snmp6[] = "Ip6InReceives                   \t117413\n"
			    "Ip6InOctets                     \t19206913\n"
			    "Ip6OutOctets                    \t19213097\n"
			    "Icmp6InMsgs                     \t1861\n"
			    "Udp6InDatagrams                 \t111000\n"
			    "UdpLite6InErrors                \t21\n";

static const char sockstat[] = "sockets: used 215\n"
			       "TCP: inuse 71 orphan 12 tw 13 alloc 81 mem 64\n"
			       "UDP: inuse 15 mem 36\n"
			       "UDPLITE: inuse 17\n"
			       "RAW: inuse 18\n"
			       "FRAG: inuse 19 memory 4096\n";

static const char sockstat6[] = "TCP6: inuse 23\n"
				"UDP6: inuse 24\n"
				"FRAG6: inuse 25 memory 26\n";

static const char file_nr[] = "892\t0\t2466165\n";

static const char meminfo_more[] = "MemTotal:       24684084 kB\n"
				   "SwapCached:            7 kB\n"
				   "Active:          2663000 kB\n"
				   "Active(anon):       1668 kB\n"
				   "Inactive(file):   970000 kB\n"
				   "SUnreclaim:        38868 kB\n"
				   "CommitLimit:    99999999 kB\n"
				   "VmallocTotal:   34359738367 kB\n"
				   "HugePages_Total:       6\n"
				   "HugePages_Rsvd:        3\n"
				   "Hugepagesize:       2048 kB\n"
				   "DirectMap4k:       32768 kB\n";

static int memory_pressure(const char *text, struct numbers *n)
{
	return pressure_parse(text, PRESSURE_MEMORY, n);
}

static const struct {
	const char *text;
	int (*parse)(const char *text, struct numbers *n);
	uint32_t gauges;
	uint32_t counters;
} files[] = {
	{ loadavg, load_parse, 4, 0 },
	{ meminfo, meminfo_read, 14, 0 },
	{ vmstat, vmstat_read, 0, 7 },
	{ psi_memory, memory_pressure, 6, 2 },
	{ stat_text, system_parse, 2, 3 },
	{ snmp, protocol_counts, 3, 19 },
	{ netstat, protocol_counts, 0, 11 },
	{ snmp6, protocol_counts6, 0, 5 },
	{ sockstat, protocol_sockets, 12, 0 },
	{ sockstat6, protocol_sockets, 4, 0 },
	{ file_nr, limit_files, 2, 0 },
	{ meminfo_more, meminfo_rest, 12, 0 },
};

enum {
	FILES = sizeof(files) / sizeof(files[0]),
};

static uint64_t value_of(const struct rows *r, uint64_t key)
{
	uint32_t i;

	for (i = 0; i < r->count; i++)
		if (r->cells[i * WIRE_VALUE_COLUMNS] == key)
			return r->cells[i * WIRE_VALUE_COLUMNS + WIRE_VALUE];
	return WIRE_ABSENT;
}

static void parse(struct numbers *n, size_t file, const char *text)
{
	numbers_begin(n);
	files[file].parse(text, n);
}

static void values(void **state)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct numbers n = { 0 };
	size_t i;

	for (i = 0; i < FILES; i++) {
		numbers_begin(&n);
		assert_int_equal(files[i].parse(files[i].text, &n), 0);
		assert_int_equal(n.gauges.count, files[i].gauges);
		assert_int_equal(n.counters.count, files[i].counters);
	}
	parse(&n, 0, loadavg);
	assert_int_equal(value_of(&n.gauges, WIRE_LOAD_1MIN), 31);
	assert_int_equal(value_of(&n.gauges, WIRE_LOAD_5MIN), 1225);
	assert_int_equal(value_of(&n.gauges, WIRE_LOAD_15MIN), 307);
	assert_int_equal(value_of(&n.gauges, WIRE_THREADS), 345);
	parse(&n, 0, "0.31 12.25 3.07 2/345 6789 8 9\n");
	assert_int_equal(value_of(&n.gauges, WIRE_THREADS), 345);
	parse(&n, 1, meminfo);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMORY_TOTAL_BYTES),
			 24684084ULL << 10);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMORY_CACHED_BYTES),
			 1081532ULL << 10);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMORY_WRITEBACK_BYTES),
			 100 << 10);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMORY_HUGE_TOTAL_BYTES),
			 6 << 21);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMORY_HUGE_FREE_BYTES),
			 4 << 21);
	parse(&n, 2, vmstat);
	assert_int_equal(value_of(&n.counters, WIRE_PAGES_OUT_BYTES),
			 2002 << 10);
	assert_int_equal(value_of(&n.counters, WIRE_SWAPPED_IN_BYTES),
			 30 * page);
	assert_int_equal(value_of(&n.counters, WIRE_OOM_KILLS), 3);
	parse(&n, 3, psi_memory);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_MEMORY_SOME_10S), 150);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_MEMORY_SOME_300S), 10000);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_MEMORY_FULL_60S), 1);
	assert_int_equal(value_of(&n.counters, WIRE_PSI_MEMORY_SOME_NS),
			 12345000);
	assert_int_equal(value_of(&n.counters, WIRE_PSI_MEMORY_FULL_NS), 99000);
	parse(&n, 4, stat_text);
	assert_int_equal(value_of(&n.counters, WIRE_INTERRUPTS), 820358);
	assert_int_equal(value_of(&n.counters, WIRE_FORKS), 76905);
	assert_int_equal(value_of(&n.gauges, WIRE_TASKS_BLOCKED), 2);
	numbers_exit(&n);
}

static void protocols(void **state)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct numbers n = { 0 };

	numbers_begin(&n);
	assert_int_equal(protocol_counts(snmp, &n), 0);
	assert_int_equal(protocol_counts(netstat, &n), 0);
	assert_int_equal(protocol_counts6(snmp6, &n), 0);
	assert_int_equal(protocol_sockets(sockstat, &n), 0);
	assert_int_equal(protocol_sockets(sockstat6, &n), 0);
	assert_int_equal(value_of(&n.gauges, WIRE_IP_FORWARDING), 2);
	assert_int_equal(value_of(&n.gauges, WIRE_TCP_CONNECTIONS_MAX), -1ULL);
	assert_int_equal(value_of(&n.gauges, WIRE_TCP_ESTABLISHED), 12);
	assert_int_equal(value_of(&n.counters, WIRE_TCP_RETRANSMITTED), 16315);
	assert_int_equal(value_of(&n.counters, WIRE_TCP_OUT_RESETS), 1410180);
	assert_int_equal(value_of(&n.counters, WIRE_UDP_RECEIVE_BUFFER_ERRORS),
			 24436);
	assert_int_equal(value_of(&n.counters, WIRE_UDPLITE_IN_ERRORS), 33);
	assert_int_equal(value_of(&n.counters, WIRE_TCP_LISTEN_DROPS), 58215);
	assert_int_equal(value_of(&n.counters, WIRE_IP_OUT_BYTES), 92108263281);
	assert_int_equal(value_of(&n.counters, WIRE_UDP6_IN), 111000);
	assert_int_equal(value_of(&n.counters, WIRE_UDPLITE6_IN_ERRORS), 21);
	assert_int_equal(value_of(&n.gauges, WIRE_SOCKETS), 215);
	assert_int_equal(value_of(&n.gauges, WIRE_TCP_TIME_WAIT), 13);
	assert_int_equal(value_of(&n.gauges, WIRE_TCP_MEMORY_BYTES), 64 * page);
	assert_int_equal(value_of(&n.gauges, WIRE_FRAGMENT_BYTES), 4096);
	assert_int_equal(value_of(&n.gauges, WIRE_FRAGMENT6_BYTES), 26);
	numbers_exit(&n);
}

/* Names and values that are not as many are not told apart. */
static void protocols_that_do_not_fit(void **state)
{
	struct numbers n = { 0 };

	numbers_begin(&n);
	assert_int_equal(protocol_counts("Tcp: InSegs OutSegs\nTcp: 1\n", &n),
			 -EINVAL);
	assert_int_equal(protocol_counts("Tcp: InSegs\nTcp: 1 2\n", &n),
			 -EINVAL);
	assert_int_equal(protocol_counts("Tcp: InSegs\nUdp: 1\n", &n), -EINVAL);
	assert_int_equal(protocol_counts("Tcp: InSegs\nTcp: -1\n", &n),
			 -EINVAL);
	assert_int_equal(
		protocol_counts("Tcp: InSegs\nTcp: 9223372036854775808\n", &n),
		-EINVAL);
	assert_int_equal(protocol_sockets("TCP: mem 9223372036854775807\n", &n),
			 -EINVAL);
	assert_int_equal(limit_files("7\t8\t9\n", &n), -EINVAL);
	assert_int_equal(n.gauges.count + n.counters.count, 0);
	/* What comes again is damage. */
	assert_int_equal(protocol_counts("Tcp: InSegs\nTcp: 1\n"
					 "Tcp: InSegs\nTcp: 2\n",
					 &n),
			 0);
	assert_int_equal(n.counters.count, 1);
	assert_int_equal(value_of(&n.counters, WIRE_TCP_IN_SEGMENTS), 1);
	numbers_exit(&n);
}

static void rest_of_memory(void **state)
{
	struct numbers n = { 0 };

	numbers_begin(&n);
	assert_int_equal(meminfo_rest(meminfo_more, &n), 0);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMINFO_ACTIVE_BYTES),
			 2663000ULL << 10);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMINFO_ACTIVE_ANON_BYTES),
			 1668 << 10);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMINFO_HUGE_PAGES_RESERVED),
			 3);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMINFO_VMALLOC_TOTAL_BYTES),
			 34359738367ULL << 10);
	assert_int_equal(value_of(&n.gauges, WIRE_PAGE_BYTES),
			 sysconf(_SC_PAGESIZE));
	/* A part is no more than the whole. */
	numbers_begin(&n);
	assert_int_equal(
		meminfo_rest("MemTotal: 7 kB\nActive: 8 kB\nMapped: 7 kB\n",
			     &n),
		0);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMINFO_ACTIVE_BYTES),
			 WIRE_ABSENT);
	assert_int_equal(value_of(&n.gauges, WIRE_MEMINFO_MAPPED_BYTES),
			 7 << 10);
	numbers_exit(&n);
}

/* In ns whatever the kernel's measure is; an offset may be less than 0. */
static void clock_kept(void **state)
{
	const struct timex t = { .offset = -1500,
				 .maxerror = 2,
				 .esterror = 3,
				 .freq = -65536,
				 .tick = 10000,
				 .constant = 7,
				 .tai = 37,
				 .status = STA_NANO | STA_PLL };
	struct timex us = t;
	struct numbers n = { 0 };

	us.status = STA_UNSYNC;
	numbers_begin(&n);
	timex_take(&t, TIME_OK, &n);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_OFFSET_NS), -1500ULL);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_SYNCHRONISED), 1);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_MAX_ERROR_NS), 2000);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_FREQUENCY), -65536ULL);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_TICK_NS), 10000000);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_TAI_S), 37);
	numbers_begin(&n);
	timex_take(&us, TIME_ERROR, &n);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_OFFSET_NS),
			 -1500000ULL);
	assert_int_equal(value_of(&n.gauges, WIRE_TIMEX_SYNCHRONISED), 0);
	numbers_exit(&n);
}

/* Full pressure of CPUs means nothing for a host, and has no place. */
static void pressure_of_cpus(void **state)
{
	struct numbers n = { 0 };

	numbers_begin(&n);
	assert_int_equal(pressure_parse(psi_memory, PRESSURE_CPU, &n), 0);
	assert_int_equal(n.gauges.count, 3);
	assert_int_equal(n.counters.count, 1);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_CPU_SOME_10S), 150);
	/* Of interrupts there is nothing else. */
	numbers_begin(&n);
	assert_int_equal(pressure_parse(psi_memory, PRESSURE_IRQ, &n), 0);
	assert_int_equal(n.gauges.count, 3);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_IRQ_FULL_60S), 1);
	assert_int_equal(value_of(&n.counters, WIRE_PSI_IRQ_FULL_NS), 99000);
	numbers_exit(&n);
}

/* Every value is one that the whole file has, or missing. */
static void expect_part(const struct rows *part, const struct rows *whole)
{
	uint32_t i;

	for (i = 0; i < part->count; i++) {
		const uint64_t *row = part->cells + i * WIRE_VALUE_COLUMNS;

		assert_int_equal(row[WIRE_VALUE], value_of(whole, row[0]));
	}
}

/* Cut at each byte, and with each byte replaced. */
static void damaged(void **state)
{
	static const char garbage[] = { 'x', '\xff', '-', '\t' };
	struct numbers whole = { 0 }, part = { 0 };
	size_t file, i, g;

	for (file = 0; file < FILES; file++) {
		char *text = strdup(files[file].text);
		size_t size = strlen(text);

		parse(&whole, file, text);
		for (i = 0; i < size; i++) {
			char kept = text[i];

			text[i] = '\0';
			parse(&part, file, text);
			expect_part(&part.gauges, &whole.gauges);
			expect_part(&part.counters, &whole.counters);
			for (g = 0; g < sizeof(garbage); g++) {
				text[i] = garbage[g];
				parse(&part, file, text);
				expect_part(&part.gauges, &whole.gauges);
				expect_part(&part.counters, &whole.counters);
			}
			text[i] = kept;
		}
		free(text);
	}
	numbers_exit(&whole);
	numbers_exit(&part);
}

static void huge_numbers(void **state)
{
	struct numbers n = { 0 };

	numbers_begin(&n);
	assert_int_equal(meminfo_read("MemTotal: 99999999999999999999999 kB\n",
				      &n),
			 -EINVAL);
	assert_int_equal(meminfo_read("MemTotal: 9223372036854775807 kB\n", &n),
			 -EINVAL);
	assert_int_equal(system_parse("ctxt 18446744073709551615\n", &n),
			 -EINVAL);
	assert_int_equal(load_parse("0.00 0.00 0.00 1/2 3x\n", &n), -EINVAL);
	assert_int_equal(n.gauges.count, 0);
	assert_int_equal(n.counters.count, 0);
	/* A load of more than there can be, or below 0, costs itself only. */
	assert_int_equal(
		load_parse("184467440737095516.15 -0.25 0.50 1/2 3\n", &n), 0);
	assert_null(numbers_find(&n, WIRE_LOAD_1MIN));
	assert_null(numbers_find(&n, WIRE_LOAD_5MIN));
	assert_int_equal(*numbers_find(&n, WIRE_LOAD_15MIN), 50);
	numbers_begin(&n);
	/* So does a total. */
	assert_int_equal(
		pressure_parse("some avg10=0.00 avg60=0.00 avg300=0.00 "
			       "total=18446744073709551\n",
			       PRESSURE_IO, &n),
		0);
	assert_int_equal(n.gauges.count, 3);
	assert_int_equal(n.counters.count, 0);
	assert_int_equal(system_parse("ctxt 9223372036854775807\n", &n), 0);
	assert_int_equal(n.counters.count, 1);
	/* So does an average: no more than 100 % can be. */
	numbers_begin(&n);
	assert_int_equal(
		pressure_parse("some avg10=200.00 avg60=100.00 avg300=-0.01 "
			       "total=7\n"
			       "full avg10=100.01 avg60=nan avg300=0.00 "
			       "total=8\n",
			       PRESSURE_IO, &n),
		0);
	assert_int_equal(n.gauges.count, 2);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_IO_SOME_10S + 1), 10000);
	assert_int_equal(value_of(&n.gauges, WIRE_PSI_IO_FULL_10S + 2), 0);
	assert_int_equal(n.counters.count, 2);
	numbers_exit(&n);
}

/* What is said to be more than there is, is not known; what is as much, is. */
/* More than there can be is not known: of what else the file tells it costs nothing. */
static void more_than_there_can_be(void **state)
{
	static const struct {
		size_t file;
		const char *text;
		uint64_t key;
		bool fits;
	} all[] = {
		{ 4, "procs_running 4194304\n", WIRE_TASKS_RUNNING, true },
		{ 4, "procs_running 4294967296\n", WIRE_TASKS_RUNNING, false },
		{ 4, "procs_blocked 4194305\n", WIRE_TASKS_BLOCKED, false },
		{ 0, "4294967.00 0.00 0.00 1/9 9\n", WIRE_LOAD_1MIN, false },
		{ 0, "0.00 0.00 0.00 1/4294967296 9\n", WIRE_THREADS, false },
		{ 1, "MemTotal: 70368744177664 kB\n", WIRE_MEMORY_TOTAL_BYTES,
		  true },
		{ 1, "MemTotal: 70368744177665 kB\n", WIRE_MEMORY_TOTAL_BYTES,
		  false },
		{ 1, "MemTotal: 9 kB\nSwapTotal: 9007199254740991 kB\n",
		  WIRE_SWAP_TOTAL_BYTES, false },
		{ 8, "sockets: used 4294967291\n", WIRE_SOCKETS, false },
		{ 8, "TCP: inuse 1 orphan 4294967295\n", WIRE_TCP_ORPHANS,
		  false },
		{ 10, "9223372036854775807\t0\t9223372036854775807\n",
		  WIRE_FILES_OPEN, false },
		{ 10, "9\t0\t9223372036854775807\n", WIRE_FILES_MAX, true },
		{ 11, "Active: 1 kB\nHugePages_Total: 9223372036854775807\n",
		  WIRE_MEMINFO_HUGE_PAGES, false },
	};
	struct numbers n = { 0 };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		parse(&n, all[i].file, all[i].text);
		if ((value_of(&n.gauges, all[i].key) != WIRE_ABSENT) !=
		    all[i].fits)
			fail_msg("%s", all[i].text);
	}
	parse(&n, 4, "procs_running 4294967296\nprocs_blocked 2\n");
	assert_int_equal(value_of(&n.gauges, WIRE_TASKS_BLOCKED), 2);
	numbers_exit(&n);
}

static void keep_cells(void *arg, const struct wire_table *t)
{
	memcpy(arg, t->cells, t->columns * sizeof(*t->cells));
}

static void columns_of_more_than_there_can_be(void **state)
{
	uint64_t got[WIRE_PROCESS_COLUMNS], *row;
	const struct host_sink sink = { keep_cells, got };
	struct rows rows = { .kind = WIRE_PROCESS };

	row = rows_add(&rows, 1);
	row[WIRE_PROCESS_THREADS] = (1 << 22) + 1;
	row[WIRE_PROCESS_RSS_BYTES] = UINT64_C(1) << 57;
	row[WIRE_PROCESS_CPU_SHARE] = 10000;
	rows_put(&rows, &sink, WIRE_ORIGIN_PROC, 1, 1);
	assert_true(got[WIRE_PROCESS_THREADS] == WIRE_ABSENT);
	assert_true(got[WIRE_PROCESS_RSS_BYTES] == WIRE_ABSENT);
	assert_int_equal(got[WIRE_PROCESS_CPU_SHARE], 10000);
	rows_exit(&rows);
}

static void parts_of_a_whole(void **state)
{
	static const char *const parts[] = {
		"MemFree",   "MemAvailable", "Buffers",	     "Cached",
		"SwapTotal", "SwapFree",     "Dirty",	     "Writeback",
		"Shmem",     "Slab",	     "SReclaimable",
	};
	char text[600];
	struct numbers n = { 0 };
	uint32_t kb, i;
	int size;

	for (kb = 7; kb <= 8; kb++) {
		size = snprintf(text, sizeof(text), "MemTotal: 7 kB\n");
		for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			size += snprintf(
				text + size, sizeof(text) - (size_t)size,
				"%s: %u kB\n", parts[i],
				strcmp(parts[i], "SwapTotal") ? kb : 7);
		snprintf(text + size, sizeof(text) - (size_t)size,
			 "HugePages_Total: 7\nHugePages_Free: %u\n"
			 "Hugepagesize: 1 kB\n",
			 kb);
		parse(&n, 1, text);
		assert_int_equal(n.gauges.count, 14);
		for (i = 0; i < n.gauges.count; i++) {
			uint64_t *row = n.gauges.cells + i * WIRE_VALUE_COLUMNS;
			bool whole = row[0] == WIRE_MEMORY_TOTAL_BYTES ||
				     row[0] == WIRE_SWAP_TOTAL_BYTES ||
				     row[0] == WIRE_MEMORY_HUGE_TOTAL_BYTES;

			assert_int_equal(row[WIRE_VALUE], kb == 7 || whole ?
								  7 << 10 :
								  WIRE_ABSENT);
		}
	}
	parse(&n, 1, "MemTotal: 7 kB\nSlab: 3 kB\nSReclaimable: 4 kB\n");
	assert_int_equal(*numbers_find(&n, WIRE_MEMORY_SLAB_BYTES), 3 << 10);
	assert_true(*numbers_find(&n, WIRE_MEMORY_RECLAIMABLE_BYTES) ==
		    WIRE_ABSENT);
	numbers_exit(&n);
}

static void keep(void *arg, const struct wire_table *t)
{
	uint64_t *switches = arg;
	uint32_t i;

	for (i = 0; t->kind == WIRE_COUNTERS && i < t->rows; i++)
		if (t->cells[i * t->columns] == WIRE_CONTEXT_SWITCHES)
			*switches = t->cells[i * t->columns + WIRE_VALUE];
}

/* The text of /proc/stat that somebody read is taken, if that was just now. */
static void stat_of_others(void **state)
{
	struct host_text other = { .text = "ctxt 7\n" };
	const struct host_options options = { .proc = "/proc", .stat = &other };
	uint64_t switches = 0;
	const struct host_sink sink = { .put = keep, .arg = &switches };
	void *system;
	int i;

	assert_int_equal(host_system.open(&system, &options), 0);
	other.mono_ns = clock_mono_ns() + 3600000000000;
	host_system.read(system, &sink);
	assert_int_not_equal(switches, 7);
	other.mono_ns = 1;
	host_system.read(system, &sink);
	assert_int_not_equal(switches, 7);
	other.text = NULL;
	other.mono_ns = clock_mono_ns();
	host_system.read(system, &sink);
	assert_int_not_equal(switches, 7);
	/* A test may be held up for longer than a moment. */
	other.text = "ctxt 7\n";
	for (i = 0; i < 1000 && switches != 7; i++) {
		other.mono_ns = clock_mono_ns();
		host_system.read(system, &sink);
	}
	assert_int_equal(switches, 7);
	host_system.close(system);
}

static void nothing_there(void **state)
{
	static const char *const texts[] = {
		"", "\n", "\n\n\n", "x", "MemTotal", "MemTotal:", "\xff\xfe\n"
	};
	struct numbers n = { 0 };
	size_t file, i;

	for (file = 0; file < FILES; file++) {
		for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			parse(&n, file, texts[i]);
			assert_int_equal(n.gauges.count + n.counters.count, 0);
		}
	}
	numbers_exit(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(protocols),
		cmocka_unit_test(protocols_that_do_not_fit),
		cmocka_unit_test(rest_of_memory),
		cmocka_unit_test(clock_kept),
		cmocka_unit_test(pressure_of_cpus),
		cmocka_unit_test(damaged),
		cmocka_unit_test(huge_numbers),
		cmocka_unit_test(more_than_there_can_be),
		cmocka_unit_test(columns_of_more_than_there_can_be),
		cmocka_unit_test(parts_of_a_whole),
		cmocka_unit_test(stat_of_others),
		cmocka_unit_test(nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
