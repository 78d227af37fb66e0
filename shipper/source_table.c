// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "host/collector.h"
#include "lib/base/options.h"
#include "shipper/packets/net_source.h"
#include "shipper/source_table.h"

enum {
	HELP_COLUMN = 28, /* as in lib/base/options.c */
};

static unsigned int host_count(void)
{
	unsigned int i = 0;

	while (host_collectors[i])
		i++;
	return i;
}

unsigned int source_count(void)
{
	return host_count() + 1;
}

const struct host_collector *source_collector(unsigned int i)
{
	return i < host_count() ? host_collectors[i] : &net_source;
}

void source_preset(struct source_setting *settings)
{
	unsigned int i, count = source_count();

	for (i = 0; i < count; i++)
		settings[i] = (struct source_setting){
			.enabled = source_collector(i)->enabled,
		};
}

/* Made once, and for ever: option tables keep them. */
static const char *option_name(unsigned int i, const char *what)
{
	static char names[SOURCES_MAX][2][SOURCE_NAME_MAX + 10];
	char *name = names[i][*what == 'e'];

	snprintf(name, sizeof(names[i][0]), "%s-%s", source_collector(i)->name,
		 what);
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
			  .section = source_collector(i)->name },
			{ .name = option_name(i, "enabled"),
			  .type = OPTION_SWITCH,
			  .value = &settings[i].enabled,
			  .argument = "yes|no",
			  .section = source_collector(i)->name },
		};

		OPTION_LIST_ADD(list, both);
	}
}

static void help_line(unsigned int i)
{
	const struct host_collector *c = source_collector(i);
	char interval[32];

	printf("      %-*s %s", HELP_COLUMN - 6, c->name, c->summary);
	if (c->interval_ns) {
		duration_format(c->interval_ns, interval, sizeof(interval));
		printf(" [%s%s]", interval, c->enabled ? "" : ", no");
	}
	putchar('\n');
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
		const struct host_collector *c = source_collector(i);
		uint64_t least_ns = c->interval_ns;

		settings[i].on = settings[i].enabled &&
				 (net || c != &net_source);
		settings[i].interval_ns = settings[i].given_ns;
		if (!settings[i].interval_ns)
			settings[i].interval_ns =
				interval_ns > least_ns ? interval_ns : least_ns;
		if (settings[i].on && settings[i].interval_ns < shortest_ns)
			shortest_ns = settings[i].interval_ns;
	}
	return shortest_ns;
}
