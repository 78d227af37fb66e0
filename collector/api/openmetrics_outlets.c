// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether those who are to be told of alarms are. */
#include "collector/api/openmetrics.h"
#include "collector/outlets/outlets.h"

static double waiting(const struct outlet_stats *s)
{
	return (double)s->waiting;
}

static double lag(const struct outlet_stats *s)
{
	return (double)s->lag_ns / 1e9;
}

static double sent(const struct outlet_stats *s)
{
	return (double)s->sent;
}

static double failures(const struct outlet_stats *s)
{
	return (double)s->failures;
}

static const struct {
	struct openmetrics_family family;
	double (*value)(const struct outlet_stats *s);
} families[] = {
	{ { "ktach_outlet_waiting_alarms",
	    "Alarms, or ends of them, that it is to be told of.", false },
	  waiting },
	{ { "ktach_outlet_lag_seconds",
	    "How long the oldest of these has waited.", false },
	  lag },
	{ { "ktach_outlet_sent_alarms",
	    "Alarms, and ends of them, that it took.", true },
	  sent },
	{ { "ktach_outlet_failures", "Messages that it did not take.", true },
	  failures },
};

void openmetrics_outlets(struct document *w, struct outlets *outlets,
			 bool openmetrics)
{
	static const struct openmetrics_family refused = {
		"ktach_outlet_refused_alarms",
		"Alarms that nobody is told of, as there were too many.", true
	};
	struct outlets_stats s;
	size_t i, k;

	outlets_stats(outlets, &s);
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct openmetrics_family *f = &families[i].family;

		openmetrics_head(w, f, openmetrics);
		for (k = 0; k < s.count; k++) {
			write_text(w, f->name);
			write_text(w, f->counter ? "_total" : "");
			write_text(w, "{outlet=\"");
			write_text(w, s.all[k].name);
			write_text(w, "\"} ");
			write_real(w, families[i].value(&s.all[k]));
			write_text(w, "\n");
		}
	}
	openmetrics_head(w, &refused, openmetrics);
	write_text(w, "ktach_outlet_refused_alarms_total ");
	write_digits(w, s.refused);
	write_text(w, "\n");
}
