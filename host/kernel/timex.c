// SPDX-License-Identifier: GPL-2.0-or-later
/* How the clock is kept: adjtimex(2) without a change. */
#include <errno.h>
#include <stdlib.h>

#include "host/kernel/timex.h"
#include "lib/base/log.h"

#define NS_PER_US 1000

/* An offset is in us, or in ns if the kernel's bit says so; a frequency in 2^-16 ppm. */
void timex_take(const struct timex *t, int state, struct numbers *n)
{
	const struct {
		uint64_t key;
		int64_t value;
	} all[] = {
		{ WIRE_TIMEX_SYNCHRONISED, state != TIME_ERROR },
		{ WIRE_TIMEX_OFFSET_NS,
		  t->offset * (t->status & STA_NANO ? 1 : NS_PER_US) },
		{ WIRE_TIMEX_MAX_ERROR_NS, t->maxerror * NS_PER_US },
		{ WIRE_TIMEX_ERROR_NS, t->esterror * NS_PER_US },
		{ WIRE_TIMEX_FREQUENCY, t->freq },
		{ WIRE_TIMEX_TICK_NS, t->tick * NS_PER_US },
		{ WIRE_TIMEX_CONSTANT, t->constant },
		{ WIRE_TIMEX_TAI_S, t->tai },
		{ WIRE_TIMEX_STATUS, t->status },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		numbers_gauge(n, all[i].key, (uint64_t)all[i].value);
}

struct timex_state {
	struct numbers numbers;
	struct host_trouble trouble;
};

/* The system call tells of this machine, whatever files are read. */
static int timex_open(void **state, const struct host_options *options)
{
	struct timex t = { 0 };

	if (host_options_foreign(options))
		return -EOPNOTSUPP;
	if (adjtimex(&t) < 0 && errno == EPERM) {
		log_info(
			"timex: adjtimex() is refused, as by ProtectClock= and SystemCallFilter= of a unit; how the clock is kept is left out");
		return -EPERM;
	}
	*state = calloc(1, sizeof(struct timex_state));
	return *state ? 0 : -ENOMEM;
}

static int timex_read(void *state, const struct host_sink *sink)
{
	struct timex_state *s = state;
	struct timex t = { 0 };
	int told = adjtimex(&t), err = told < 0 ? -errno : 0;

	numbers_begin(&s->numbers);
	if (!err)
		timex_take(&t, told, &s->numbers);
	numbers_put(&s->numbers, sink);
	host_trouble(&s->trouble, "timex", "adjtimex()", err);
	return err;
}

static void timex_close(void *state)
{
	struct timex_state *s = state;

	numbers_exit(&s->numbers);
	free(s);
}

const struct host_collector host_timex = {
	.name = "timex",
	.summary =
		"how the clock is kept: offset, error, whether it is synchronised",
	.interval_ns = 10000000000,
	.open = timex_open,
	.read = timex_read,
	.close = timex_close,
};
