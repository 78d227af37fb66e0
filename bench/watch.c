// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What rules cost the collector: CPU time of what takes a fleet's frames, without rules
 * and with those of a file, in turns. Neither sockets, the making of frames, nor the
 * history are in it. bench/watch.sh runs it.
 *
 *   watch NODES FRAMES RULES
 *
 * FRAMES of each node, of five samples each. Prints ns a frame without and with the rules,
 * of the cheapest of ROUNDS each; ns a node of the look that is taken once a second, the
 * same; and how many alarms fire.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/feeds/fleet.h"
#include "collector/alarms/warden.h"
#include "collector/base/self.h"
#include "collector/feed/feed.h"
#include "collector/feed/ingest.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	SERIES = 5, /* samples a frame, as shippers send them */
	ROUNDS = 3,
};

static struct fleet_host *hosts;
static uint32_t node_count, frame_count;
static struct nodes nodes;
static struct feed feed;
static struct ingest ingest;
static struct warden warden;

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static size_t make_frame(uint8_t *frame, uint32_t number, uint64_t sequence)
{
	static struct wire_encoder encoder;
	static struct fleet_host samples[SERIES];
	struct wire_sender sender = { .session = 1 };
	struct wire_table tables[SERIES][FLEET_TABLES], one[SERIES];
	uint32_t id = number + 1;
	int i, t;

	for (i = 0; i < SERIES; i++) {
		fleet_step(&hosts[number]);
		samples[i] = hosts[number];
		fleet_tables(&samples[i], tables[i]);
	}
	wire_begin(&encoder, frame, WIRE_FRAME_MAX, hosts[number].real_ns);
	for (t = 0; t < FLEET_TABLES; t++) {
		for (i = 0; i < SERIES; i++)
			one[i] = tables[i][t];
		if (wire_put_series(&encoder, one, SERIES, 0) != one[0].rows)
			errx(1, "a frame has no room");
	}
	memcpy(sender.node, &id, sizeof(id));
	return wire_finish(&encoder, &sender, sequence);
}

/* What a clock costs, for each frame is between two readings of it. */
static uint64_t clock_cost_ns(void)
{
	uint64_t before = cpu_ns();
	int i;

	for (i = 0; i < 100000; i++)
		cpu_ns();
	return (cpu_ns() - before) / 100000;
}

/* Return ns a frame of one that follows @sequence - 1. */
static double take_frames(uint64_t sequence)
{
	static uint8_t frame[WIRE_FRAME_MAX];
	struct peer from = { .text = "bench" };
	uint64_t spent = 0;
	uint32_t i;

	for (i = 0; i < node_count; i++) {
		size_t size = make_frame(frame, i, sequence);
		uint64_t before = cpu_ns();

		ingest_frame(&ingest, frame, size, &from);
		spent += cpu_ns() - before;
	}
	return (double)spent / node_count - (double)clock_cost_ns();
}

static void load_rules(const char *path)
{
	struct node_time now = { clock_real_ns(), clock_mono_ns() };
	char problem[1024];
	struct rules rules = { 0 };

	if (*path && rules_load_file(&rules, path, problem, sizeof(problem)))
		errx(1, "%s", problem);
	warden_change(&warden, &nodes, &rules, &now);
}

static double tick(void)
{
	struct node_time now = { clock_real_ns(), clock_mono_ns() };
	uint64_t before = cpu_ns();

	warden_tick(&warden, &nodes, &now);
	return (double)(cpu_ns() - before) / node_count;
}

static uint64_t count_firing(void)
{
	const struct alarm *alarm;
	uint64_t firing = 0;
	struct node *node;
	struct visit v;

	if (visit_begin(&v, &nodes))
		errx(1, "memory is short");
	for (node = visit_first(&v); node; node = visit_next(&v))
		for (alarm = node->alarms.first; alarm; alarm = alarm->next)
			firing += alarm->firing;
	visit_end(&v);
	return firing;
}

static void begin(void)
{
	uint32_t i;

	hosts = calloc(node_count, sizeof(*hosts));
	if (!hosts || nodes_init(&nodes, self_memory_limit()) ||
	    warden_init(&warden))
		errx(1, "memory is short");
	feed_init(&feed, &nodes, NULL);
	feed.warden = &warden;
	if (ingest_init(&ingest, &feed))
		errx(1, "memory is short");
	for (i = 0; i < node_count; i++)
		fleet_begin(&hosts[i], i, clock_real_ns());
}

static double least(double a, double b)
{
	return a > 0 && a < b ? a : b;
}

int main(int argc, char **argv)
{
	double without = 0, with = 0, idle = 0, ticks = 0;
	uint64_t sequence = 0;
	uint32_t round, i;

	if (argc != 4)
		errx(2, "usage: watch NODES FRAMES RULES");
	node_count = (uint32_t)strtoul(argv[1], NULL, 10);
	frame_count = (uint32_t)strtoul(argv[2], NULL, 10);
	log_init("watch", LOG_INFO);
	log_show(LOG_ERROR);
	begin();
	take_frames(++sequence); /* memory that is new */
	for (round = 0; round < ROUNDS; round++) {
		load_rules("");
		for (i = 0; i < frame_count; i++)
			without = least(without, take_frames(++sequence));
		idle = least(idle, tick());
		load_rules(argv[3]);
		for (i = 0; i < frame_count; i++)
			with = least(with, take_frames(++sequence));
		ticks = least(ticks, tick());
	}
	if (ingest.counts.dropped[DROP_VALUE] ||
	    ingest.counts.dropped[DROP_FULL])
		errx(1, "frames were dropped");
	printf("without %.0f %.0f with %.0f %.0f rules %zu firing %" PRIu64
	       "\n",
	       without, idle, with, ticks, warden.rules.count, count_firing());
	return 0;
}
