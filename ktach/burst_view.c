// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/burst_view.h"
#include "ktach/figures/format.h"
#include "ktach/show/json.h"
#include "lib/base/log.h"
#include "lib/kernel/net_recorder.h"
#include "lib/kernel/net_table.h"

enum {
	CHART_ROWS = 5,
	CHART_LABEL = 9, /* "  1.25M |" */
	CSV_COLUMNS = 4,
};

static const char *const side_names[NET_SIDES] = { "rx", "tx" };

static int explain_no_bursts(const struct settings *s, int err)
{
	if (err == -ENODATA)
		log_error(
			"packets are counted, but their bursts are not recorded; start ktach-shipper with --record");
	else if (err == -ENOENT)
		log_error(
			"nothing counts packets below %s; start ktach-shipper",
			s->host.net.pins);
	else if (err == -EPERM || err == -EACCES)
		log_error(
			"no right to the maps below %s: be root, or have CAP_BPF",
			s->host.net.pins);
	else
		log_error("cannot read the recordings below %s: %s",
			  s->host.net.pins, strerror(-err));
	return EXIT_FAILED;
}

/* The largest bucket of column @i of @columns. */
static uint32_t column_max(const uint32_t *bytes, uint32_t count, uint32_t i,
			   uint32_t columns)
{
	uint32_t first = (uint32_t)((uint64_t)count * i / columns);
	uint32_t end = (uint32_t)((uint64_t)count * (i + 1) / columns);
	uint32_t max = 0;

	for (; first < end; first++)
		if (bytes[first] > max)
			max = bytes[first];
	return max;
}

/* Row @row counts from the top; a column's height is on a linear scale. */
static void chart_row(struct paper *p, const uint32_t *bytes, uint32_t count,
		      int row, uint32_t columns, uint32_t top)
{
	static const char *const blocks[2][9] = {
		{ " ", ".", ".", ":", ":", "|", "|", "#", "#" },
		{ " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	};
	uint32_t i;

	for (i = 0; i < columns; i++) {
		uint64_t max = column_max(bytes, count, i, columns);
		int eighths =
			top ? (int)((max * CHART_ROWS * 8 + top - 1) / top) : 0;
		int here = eighths - (CHART_ROWS - 1 - row) * 8;

		here = here < 0 ? 0 : here > 8 ? 8 : here;
		paper_put(p, STYLE_USER, "%s", blocks[p->utf8][here]);
	}
}

static void chart(struct paper *p, const char *name, const char *side,
		  const char *state, const uint32_t *bytes, uint32_t count)
{
	uint32_t width = (uint32_t)(paper_width(p) - CHART_LABEL - 1);
	uint32_t columns = count < width ? count : width;
	uint32_t top = column_max(bytes, count, 0, 1);
	char text[FORMAT_SIZE];
	int row;

	paper_put(p, STYLE_TITLE, "%s %s", name, side);
	paper_put(p, STYLE_DIM,
		  "  %slast %" PRIu32 " ms, largest 1 ms: %" PRIu32
		  " bytes (%sB/s)",
		  state, count, top, format_bytes(text, (uint64_t)top * 1000));
	paper_line(p);
	for (row = 0; top && row < CHART_ROWS; row++) {
		paper_put(p, STYLE_DIM, "%7s |",
			  row ? "" : format_bytes(text, (uint64_t)top * 1000));
		chart_row(p, bytes, count, row, columns, top);
		paper_line(p);
	}
}

static void print_charts(const char *name, const struct net_recording *r)
{
	static const char *const states[] = {
		[KTACH_NET_NOT_FROZEN] = "",
		[KTACH_NET_ON_DEMAND] = "frozen on demand, ",
		[KTACH_NET_OVER_THRESHOLD] = "frozen over the threshold, ",
	};
	const char *state = r->cause <= KTACH_NET_OVER_THRESHOLD ?
				    states[r->cause] :
				    "frozen, ";
	struct paper p;
	int side;

	paper_stream(&p, stdout);
	for (side = 0; side < NET_SIDES; side++)
		chart(&p, name, side_names[side], state, r->bytes[side],
		      r->buckets);
}

static void print_csv(const char *name, const struct net_recording *r)
{
	uint32_t i;

	for (i = 0; i < r->buckets; i++)
		printf("%s,%" PRIu64 ",%" PRIu32 ",%" PRIu32 "\n", name,
		       r->first_ms + i, r->bytes[NET_SIDE_RX][i],
		       r->bytes[NET_SIDE_TX][i]);
}

static json_t *recording_json(const char *name, const struct net_recording *r)
{
	static const char *const members[] = { "rx_bytes", "tx_bytes" };
	json_t *o = json_object();
	uint32_t i;
	int side;

	json_object_set_new(o, "name", json_name(name));
	json_object_set_new(o, "first_ms", json_from_count(r->first_ms));
	json_object_set_new(o, "frozen",
			    json_boolean(r->cause != KTACH_NET_NOT_FROZEN));
	for (side = 0; side < NET_SIDES; side++) {
		json_t *bytes = json_array();

		for (i = 0; i < r->buckets; i++)
			json_array_append_new(
				bytes, json_from_count(r->bytes[side][i]));
		json_object_set_new(o, members[side], bytes);
	}
	return o;
}

/* Every interface that is recorded goes to one of the three. */
static int print_all(const struct settings *s, const struct net_recorder *r,
		     uint32_t slots, uint32_t *memory)
{
	json_t *interfaces = json_array(), *o;
	struct net_recording copy;
	char name[IF_NAMESIZE];
	uint32_t i;

	if (s->csv)
		puts("interface,ms,rx_bytes,tx_bytes");
	for (i = 0; i < slots; i++) {
		if (net_recorder_copy(r, i, memory, &copy) ||
		    !if_indextoname(copy.ifindex, name))
			continue;
		if (s->json)
			json_array_append_new(interfaces,
					      recording_json(name, &copy));
		else if (s->csv)
			print_csv(name, &copy);
		else
			print_charts(name, &copy);
	}
	if (!s->json) {
		json_decref(interfaces);
		return EXIT_OK;
	}
	o = json_answer();
	json_object_set_new(o, "interfaces", interfaces);
	return json_print(o, false) ? EXIT_FAILED : EXIT_OK;
}

static int open_both(const struct settings *s, struct net_table *table,
		     struct net_recorder *recorder)
{
	int err = net_table_open(table, s->host.net.pins);

	if (err)
		return err;
	err = net_recorder_open(recorder, s->host.net.pins);
	if (err)
		net_table_close(table);
	return err;
}

int show_bursts(const struct settings *s)
{
	struct net_recorder recorder;
	struct net_table table;
	uint32_t *memory;
	int status = EXIT_FAILED, err = open_both(s, &table, &recorder);

	if (err)
		return explain_no_bursts(s, err);
	memory = calloc(net_recorder_room(&recorder), sizeof(*memory));
	if (memory)
		status = print_all(s, &recorder, net_table_slots(&table),
				   memory);
	free(memory);
	net_recorder_close(&recorder);
	net_table_close(&table);
	return status;
}

/* Of all interfaces, or of the one called @only: their names. */
static json_t *freeze(const struct net_table *table,
		      struct net_recorder *recorder, const char *only,
		      bool frozen)
{
	json_t *names = json_array();
	struct ktach_net_slot slot;
	char name[IF_NAMESIZE];
	uint32_t i;

	for (i = 0; i < net_table_slots(table); i++) {
		if (net_table_copy(table, i, &slot) ||
		    !if_indextoname(slot.ifindex, name) ||
		    (only && strcmp(only, name)))
			continue;
		net_recorder_freeze(recorder, i, frozen);
		json_array_append_new(names, json_name(name));
	}
	return names;
}

int set_bursts(const struct settings *s)
{
	const char *only = s->operand_count > 2 ? s->operands[2] : NULL;
	bool frozen = !strcmp(s->operands[1], "freeze");
	struct net_recorder recorder;
	struct net_table table;
	json_t *names, *o;
	int err = open_both(s, &table, &recorder);

	if (err)
		return explain_no_bursts(s, err);
	names = freeze(&table, &recorder, only, frozen);
	net_recorder_close(&recorder);
	net_table_close(&table);
	if (only && !json_array_size(names)) {
		json_decref(names);
		log_error(
			"'%s' is not recorded; 'ktach show net --bursts' shows what is",
			only);
		return EXIT_FAILED;
	}
	if (!s->json) {
		json_decref(names);
		return EXIT_OK;
	}
	o = json_answer();
	json_object_set_new(o, "frozen", json_boolean(frozen));
	json_object_set_new(o, "interfaces", names);
	return json_print(o, false) ? EXIT_FAILED : EXIT_OK;
}
