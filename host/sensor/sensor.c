// SPDX-License-Identifier: GPL-2.0-or-later
/* Collector "sensor": hwmon, thermal zones, RAPL. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/rows.h"
#include "host/collector.h"
#include "host/sensor/sensor_scan.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define INTERVAL_NS UINT64_C(10000000000)
#define DEADLINE_NS UINT64_C(2000000000)
/* Chips come with drivers and disks, without a sign of it. Those that go say so,
 * and some say so all the time.
 */
#define SCAN_NS UINT64_C(300000000000)
#define SCAN_GONE_NS UINT64_C(60000000000)

/**
 * struct sensors - the collector's state
 * @sys: where /sys is
 * @chips: all of them
 * @scanned_ns: when they were looked for
 * @gone: one of them has gone since
 * @pool: reads them
 * @rows: the table
 * @trouble: whether it was told that they could not be read
 * @denied: the same, of one that needs more rights
 */
struct sensors {
	const char *sys;
	struct sensor_chip *chips;
	uint64_t scanned_ns;
	bool gone;
	struct probe_pool *pool;
	struct rows rows;
	struct host_trouble trouble;
	struct host_trouble denied;
};

static void drop_chips(struct sensors *s, struct sensor_chip *c)
{
	struct sensor_chip *next;

	for (; c; c = next) {
		next = c->next;
		probe_drop(s->pool, &c->probe);
	}
}

static void scan(struct sensors *s, uint64_t now)
{
	struct sensor_scan scan = { .old = s->chips };

	sensor_scan(&scan, s->sys);
	drop_chips(s, scan.old);
	s->chips = scan.found;
	s->scanned_ns = now;
	s->gone = false;
	host_trouble(&s->denied, "sensor", scan.denied,
		     *scan.denied ? -EACCES : 0);
}

static void sensors_close(void *state)
{
	struct sensors *s = state;

	drop_chips(s, s->chips);
	probe_pool_free(s->pool);
	rows_exit(&s->rows);
	free(s);
}

static int sensors_open(void **state, const struct host_options *options)
{
	struct sensors *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->sys = options->sys;
	s->rows.kind = WIRE_SENSOR;
	err = probe_pool_new(&s->pool, DEADLINE_NS);
	if (err) {
		log_warn(
			"sensor: cannot make a timer: %s; sensors are left out",
			strerror(-err));
		free(s);
		return err;
	}
	scan(s, clock_mono_ns());
	*state = s;
	return 0;
}

static void tell_of_hang(struct sensor_chip *c, bool hangs)
{
	if (hangs && !c->hung)
		log_warn(
			"sensor: %s does not answer; its values are missing until it does",
			c->title);
	if (!hangs && c->hung)
		log_info("sensor: %s answers again", c->title);
	c->hung = hangs;
}

/* One that may still answer in time keeps what it said before. */
static void take_chip(struct sensors *s, struct sensor_chip *c)
{
	size_t i;

	if (probe_answered(s->pool, &c->probe)) {
		sensor_chip_take(c);
		tell_of_hang(c, false);
		s->gone |= c->gone;
	} else if (probe_hangs(s->pool, &c->probe)) {
		for (i = 0; i < c->count; i++)
			c->sensors[i].value = WIRE_ABSENT;
		tell_of_hang(c, true);
	}
}

static void add_row(struct sensors *s, const struct sensor_chip *c,
		    const struct sensor *sensor)
{
	uint64_t *row = rows_add(&s->rows, sensor->key);

	if (!row)
		return;
	row[WIRE_SENSOR_TYPE] = sensor->type;
	row[WIRE_SENSOR_VALUE] = sensor->value;
	row[WIRE_SENSOR_MAX] = sensor->max;
	row[WIRE_SENSOR_CRITICAL] = sensor->critical;
	rows_name(&s->rows, WIRE_SENSOR_CHIP, c->title, strlen(c->title));
	rows_name(&s->rows, WIRE_SENSOR_LABEL, sensor->label,
		  strlen(sensor->label));
}

static void put_sensors(struct sensors *s, const struct host_sink *sink)
{
	struct sensor_chip *c;
	size_t i;

	rows_clear(&s->rows);
	for (c = s->chips; c; c = c->next) {
		take_chip(s, c);
		for (i = 0; i < c->count; i++)
			if (!c->sensors[i].gone)
				add_row(s, c, &c->sensors[i]);
	}
	rows_put(&s->rows, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
}

/* Those that answer at once are put now, the others by sensors_changed(). */
static int sensors_read(void *state, const struct host_sink *sink)
{
	struct sensors *s = state;
	uint64_t now = clock_mono_ns();
	struct sensor_chip *c;
	int err;

	if (now - s->scanned_ns >= (s->gone ? SCAN_GONE_NS : SCAN_NS))
		scan(s, now);
	for (c = s->chips; c; c = c->next)
		probe_ask(s->pool, &c->probe);
	err = probe_go(s->pool);
	host_trouble(&s->trouble, "sensor", "a thread", err);
	if (err)
		return err;
	probe_wait(s->pool);
	put_sensors(s, sink);
	return 0;
}

static int sensors_fd(void *state)
{
	struct sensors *s = state;

	return probe_pool_fd(s->pool);
}

static int sensors_changed(void *state, const struct host_sink *sink)
{
	struct sensors *s = state;

	probe_wait(s->pool);
	put_sensors(s, sink);
	return 0;
}

static bool sensors_wait(void *state)
{
	struct sensors *s = state;

	return probe_pending(s->pool);
}

const struct host_collector host_sensor = {
	.name = "sensor",
	.summary = "temperatures, fans, voltages, power and energy",
	.interval_ns = INTERVAL_NS,
	.enabled = true,
	.open = sensors_open,
	.read = sensors_read,
	.close = sensors_close,
	.fd = sensors_fd,
	.changed = sensors_changed,
	.waits = sensors_wait,
};
