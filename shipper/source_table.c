// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "host/collector.h"
#include "lib/options.h"
#include "shipper/source_table.h"

enum {
	HELP_COLUMN = 28, /* as in lib/options.c */
};

/* Their default interval is --interval, whatever that is. */
static const struct {
	const char *name;
	const char *summary;
} rings[SOURCE_HOST] = {
	[SOURCE_CPU] = { "cpu", "times of each CPU" },
	[SOURCE_SOFTIRQ] = { "softirq", "softirqs of each CPU" },
	[SOURCE_NET] = { "net", "packets of each interface" },
};

unsigned int source_count(void)
{
	unsigned int i = SOURCE_HOST;

	while (i < SOURCES_MAX && host_collectors[i - SOURCE_HOST])
		i++;
	return i;
}

static const struct host_collector *collector(unsigned int i)
{
	return i < SOURCE_HOST ? NULL : host_collectors[i - SOURCE_HOST];
}

const char *source_name(unsigned int i)
{
	return i < SOURCE_HOST ? rings[i].name : collector(i)->name;
}

void source_preset(struct source_setting *settings)
{
	unsigned int i, count = source_count();

	for (i = 0; i < count; i++) {
		const struct host_collector *c = collector(i);

		settings[i] = (struct source_setting){
			.enabled = c ? c->enabled : true,
		};
	}
}

/* Made once, and for ever: option tables keep them. */
static const char *option_name(unsigned int i, const char *what)
{
	static char names[SOURCES_MAX][2][SOURCE_NAME_MAX + 10];
	char *name = names[i][*what == 'e'];

	snprintf(name, sizeof(names[i][0]), "%s-%s", source_name(i), what);
	return name;
}

void source_specs(struct source_setting *settings, struct option_list *list)
{
	unsigned int i, count = source_count();

	for (i = 0; i < count; i++) {
		const struct option_spec both[] = {
			{ .name = option_name(i, "interval"),
			  .type = OPTION_DURATION,
			  .value = &settings[i].given_ns,
			  .argument = "TIME",
			  .min = SOURCE_INTERVAL_MIN_NS,
			  .max = SOURCE_INTERVAL_MAX_NS,
			  .section = source_name(i) },
			{ .name = option_name(i, "enabled"),
			  .type = OPTION_SWITCH,
			  .value = &settings[i].enabled,
			  .argument = "yes|no",
			  .section = source_name(i) },
		};

		OPTION_LIST_ADD(list, both);
	}
}

static void help_line(unsigned int i)
{
	const struct host_collector *c = collector(i);
	char interval[32];

	if (!c) {
		printf("      %-*s %s\n", HELP_COLUMN - 6, rings[i].name,
		       rings[i].summary);
		return;
	}
	duration_format(c->interval_ns, interval, sizeof(interval));
	printf("      %-*s %s [%s%s]\n", HELP_COLUMN - 6, c->name, c->summary,
	       interval, c->enabled ? "" : ", no");
}

void source_help(void)
{
	unsigned int i, count = source_count();

	printf("\nSources, each with --NAME-interval TIME [no less than --interval] and\n"
	       "--NAME-enabled yes|no [yes]; NAME is one of\n");
	for (i = 0; i < count; i++)
		help_line(i);
}

uint64_t source_settle(struct source_setting *settings, uint64_t interval_ns,
		       bool net)
{
	unsigned int i, count = source_count();
	uint64_t shortest_ns = UINT64_MAX;

	for (i = 0; i < count; i++) {
		const struct host_collector *c = collector(i);
		uint64_t least_ns = c ? c->interval_ns : 0;

		settings[i].on = settings[i].enabled &&
				 (net || i != SOURCE_NET);
		settings[i].interval_ns = settings[i].given_ns;
		if (!settings[i].interval_ns)
			settings[i].interval_ns =
				interval_ns > least_ns ? interval_ns : least_ns;
		if (settings[i].on && settings[i].interval_ns < shortest_ns)
			shortest_ns = settings[i].interval_ns;
	}
	return shortest_ns;
}
