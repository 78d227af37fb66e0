// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sFlow version 5, XDR: a datagram holds counter samples, a sample records. A
 * CPU is a host_cpu record here, the host's network and disks one each. Times
 * are milliseconds in 32 bits, most counters 32 bits, too.
 */
#include "bench/feeds/peers.h"

enum {
	DATAGRAM = 1400, /* sFlow's default */
	WORD = 4,
	DATAGRAM_HEAD = 7 * WORD,
	SAMPLE_HEAD = 5 * WORD,
	RECORD_HEAD = 2 * WORD,
	HOST_CPU_WORDS = 20,
	HOST_MEMORY_WORDS = 7 * 2 + 4,
	HOST_DISK_WORDS = 2 * 2 + 2 + 2 + 2 + 2 + 1,
	HOST_NET_WORDS = 2 * (2 + 3),
	VERSION = 5,
	COUNTERS_SAMPLE = 2,
	HOST_CPU_RECORD = 2003,
	HOST_MEMORY_RECORD = 2004,
	HOST_DISK_RECORD = 2005,
	HOST_NET_RECORD = 2006,
};

struct sending {
	uint8_t data[DATAGRAM];
	size_t used;
	uint64_t *bytes;
	uint64_t *datagrams;
};

static void word(struct sending *s, uint64_t v)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		s->data[s->used++] = (uint8_t)(v >> shift);
}

static void leave(struct sending *s)
{
	if (s->used) {
		*s->bytes += s->used + PEER_IP_UDP;
		++*s->datagrams;
	}
	s->used = 0;
}

/* A record's head, after those of datagram and sample if they are due. */
static void record(struct sending *s, uint32_t type, uint32_t words)
{
	int i;

	if (s->used + RECORD_HEAD + words * WORD > DATAGRAM)
		leave(s);
	if (!s->used) {
		word(s, VERSION);
		for (i = 1; i < DATAGRAM_HEAD / WORD; i++)
			word(s, 1);
		word(s, COUNTERS_SAMPLE);
		for (i = 1; i < SAMPLE_HEAD / WORD; i++)
			word(s, 1);
	}
	word(s, type);
	word(s, words * WORD);
}

static uint64_t cpus(struct sending *s, const struct host_sample *h)
{
	uint32_t i, j;

	for (i = 0; i < HOST_CPUS; i++) {
		record(s, HOST_CPU_RECORD, HOST_CPU_WORDS);
		for (j = 0; j < 10; j++)
			word(s, h->cpu[i][WIRE_CPU_USER_NS + j] / 1000000);
		for (; j < HOST_CPU_WORDS; j++)
			word(s, h->gauges[j][1]);
	}
	return HOST_CPUS * 10;
}

static void fill(struct sending *s, uint32_t type, uint32_t words,
		 const struct wire_table *t)
{
	uint32_t i;

	record(s, type, words);
	for (i = 0; i < words; i++)
		word(s, t->cells[1 + i % (t->columns - 1)]);
}

uint64_t sflow_encode(const struct host_sample *h, uint64_t *bytes,
		      uint64_t *datagrams)
{
	struct sending s = { .bytes = bytes, .datagrams = datagrams };
	uint64_t values = cpus(&s, h);

	fill(&s, HOST_MEMORY_RECORD, HOST_MEMORY_WORDS,
	     &h->tables[HOST_GAUGES]);
	fill(&s, HOST_DISK_RECORD, HOST_DISK_WORDS, &h->tables[HOST_DISK]);
	fill(&s, HOST_NET_RECORD, HOST_NET_WORDS, &h->tables[HOST_NET]);
	leave(&s);
	/* Memory 11, disk 9, net 8; and load and the like once: 10. */
	return values + 11 + 9 + 8 + 10;
}
