// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/flight/flight.h"

#define MS UINT64_C(1000000)

enum {
	FRAME_BYTES =
		16 << 10, /* of the recorder, the oldest of which go first */
};

static bool is_recorded(uint32_t kind)
{
	static const uint32_t kinds = 1U << WIRE_CPU | 1U << WIRE_SOFTIRQ |
				      1U << WIRE_NET | 1U << WIRE_GAUGES |
				      1U << WIRE_COUNTERS | 1U << WIRE_PROCESS |
				      1U << WIRE_DISK | 1U << WIRE_LINK;

	return kinds >> kind & 1;
}

/* Those within an incident, or too soon after one, are counted. Return whether one
 * begins.
 */
static bool pull_trigger(struct flight *f, const struct trigger *t)
{
	uint64_t now_ns = clock_mono_ns();

	f->counts.triggers++;
	if (f->until_ns) {
		f->head.triggers++;
		return false;
	}
	if (now_ns < f->quiet_ns)
		return false;
	f->head = (struct incident_head){
		.id = t->real_ns > f->head.id ? t->real_ns : f->head.id + 1,
		.from_ns = t->real_ns - f->setup.before_ns,
		.to_ns = t->real_ns + f->setup.after_ns,
		.real_ns = t->real_ns,
		.mono_ns = t->mono_ns,
		.cause = t->cause,
		.value = t->value,
		.triggers = 1,
	};
	snprintf(f->head.text, sizeof(f->head.text), "%s", t->text);
	f->until_ns = t->mono_ns + f->setup.after_ns;
	log_info("flight recorder: %s", f->head.text);
	return true;
}

static void take_table(void *arg, const struct wire_table *table)
{
	struct flight *f = arg;
	struct trigger t;

	if (triggers_look(&f->triggers, table, &t))
		pull_trigger(f, &t);
	if (is_recorded(table->kind))
		output_put(&f->recorder, table);
}

void flight_freeze(struct flight *f, enum incident_cause cause,
		   const char *text, char answer[FLIGHT_REPLY_SIZE])
{
	struct trigger t = { .cause = cause,
			     .real_ns = clock_real_ns(),
			     .mono_ns = clock_mono_ns() };

	snprintf(t.text, sizeof(t.text), "%s", text);
	if (pull_trigger(f, &t))
		snprintf(answer, FLIGHT_REPLY_SIZE,
			 "ok %" PRIu64 " is frozen in %" PRIu64 " ms\n",
			 f->head.id, f->setup.after_ns / MS);
	else if (f->until_ns)
		snprintf(answer, FLIGHT_REPLY_SIZE,
			 "ok %" PRIu64 " is under way, and has it\n",
			 f->head.id);
	else
		snprintf(
			answer, FLIGHT_REPLY_SIZE,
			"error an incident was frozen less than %u s ago: %" PRIu64
			"\n",
			(unsigned int)(FLIGHT_PAUSE_NS / 1000000000),
			f->head.id);
}

static void drop_incident(struct flight *f, const char *why)
{
	f->counts.dropped++;
	log_warn("flight recorder: an incident is dropped: %s", why);
}

static void end_incident(struct flight *f)
{
	struct flight_waiting one = { .id = f->head.id };

	f->until_ns = 0;
	f->quiet_ns = clock_mono_ns() + FLIGHT_PAUSE_NS;
	f->counts.incidents++;
	snprintf(f->head.node, sizeof(f->head.node), "%s", f->name);
	one.data = flight_make(f, &one.size);
	if (!one.data) {
		drop_incident(f, "no memory");
		return;
	}
	if (f->waiting_count == FLIGHT_WAITING ||
	    f->waiting_bytes + one.size > f->setup.memory / 2) {
		drop_incident(f, "those before it were not sent yet");
		free(one.data);
		return;
	}
	f->waiting[f->waiting_count++] = one;
	f->waiting_bytes += one.size;
}

static void end_waiting(struct flight *f)
{
	f->waiting_bytes -= f->waiting[0].size;
	free(f->waiting[0].data);
	f->waiting_count--;
	memmove(&f->waiting[0], &f->waiting[1],
		f->waiting_count * sizeof(f->waiting[0]));
}

/* True: it has left. */
static bool send_waiting(struct flight_waiting *w, struct output *output,
			 size_t *budget)
{
	while (w->sent < w->size && *budget) {
		const struct incident_piece piece = {
			.id = w->id,
			.total = w->size,
			.at = w->sent,
			.data = w->data + w->sent,
			.size = w->size - w->sent < *budget ?
					w->size - w->sent :
					*budget,
		};
		size_t put = output_put_piece(output, &piece);

		if (!put)
			break;
		w->sent += put;
		*budget -= put;
	}
	return w->sent == w->size;
}

void flight_ship(struct flight *f, struct output *output, bool last)
{
	size_t budget = last ? SIZE_MAX : FLIGHT_BUDGET;

	output_flush(&f->recorder);
	if (f->until_ns && (last || clock_mono_ns() >= f->until_ns))
		end_incident(f);
	if (!f->waiting_count)
		return;
	while (f->waiting_count &&
	       send_waiting(&f->waiting[0], output, &budget))
		end_waiting(f);
	output_flush(output);
}

size_t flight_memory(const struct flight *f)
{
	return (size_t)(f->frames.tail - f->frames.first) + f->waiting_bytes;
}

void flight_change(struct flight *f, const struct flight_setup *setup)
{
	uint64_t memory = f->setup.memory;

	f->setup = *setup;
	f->setup.memory = memory;
	f->triggers.setup = setup->triggers;
}

int flight_open(struct flight **flight, const struct flight_setup *setup,
		const struct wire_sender *sender, const char *name,
		struct output *output)
{
	struct flight *f;

	*flight = NULL;
	if (!setup->memory)
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->setup = *setup;
	f->triggers.setup = setup->triggers;
	f->name = name;
	if (queue_init(&f->frames, setup->memory / 2)) {
		free(f);
		return -ENOMEM;
	}
	if (output_init(&f->recorder, sender, &f->frames, FRAME_BYTES)) {
		queue_exit(&f->frames);
		free(f);
		return -ENOMEM;
	}
	f->recorder.forgets = true;
	output->tap = take_table;
	output->tapper = f;
	*flight = f;
	return 0;
}

void flight_close(struct flight *f, struct output *output)
{
	if (!f)
		return;
	output->tap = NULL;
	while (f->waiting_count)
		end_waiting(f);
	triggers_exit(&f->triggers);
	output_exit(&f->recorder);
	queue_exit(&f->frames);
	free(f);
}
