// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agentd/agent/unit.h"
#include "agentd/agent/words.h"
#include "agentd/bus/transient.h"

enum {
	US_NS = 1000,
	PERCENT_US = 10000, /* one per cent of a CPU, in us a second */
};

static int put_text(sd_bus_message *m, const char *name, const char *text)
{
	return text ? sd_bus_message_append(m, "(sv)", name, "s", text) : 0;
}

static int put_number(sd_bus_message *m, const char *name, uint64_t number)
{
	return number ? sd_bus_message_append(m, "(sv)", name, "t", number) : 0;
}

/* The words of a text, and of another one before it. */
static char **split_words(const char *first, const char *text)
{
	char word[AGENT_WORD_SIZE];
	char **words = calloc(AGENT_WORDS_MAX + 2, sizeof(*words));
	size_t n = 0;

	if (words && first)
		words[n++] = strdup(first);
	while (words && text && n <= AGENT_WORDS_MAX &&
	       words_next(&text, word, sizeof(word)) > 0)
		words[n++] = strdup(word);
	return words;
}

static void free_words(char **words)
{
	size_t i;

	for (i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

/* One command: its path, its arguments, and that its failing counts. */
static int put_command(sd_bus_message *m, const char *command)
{
	char **words = split_words(NULL, command);
	int err = words && words[0] ? 0 : -ENOMEM;

	if (err >= 0)
		err = sd_bus_message_open_container(m, 'r', "sv");
	if (err >= 0)
		err = sd_bus_message_append(m, "s", "ExecStart");
	if (err >= 0)
		err = sd_bus_message_open_container(m, 'v', "a(sasb)");
	if (err >= 0)
		err = sd_bus_message_open_container(m, 'a', "(sasb)");
	if (err >= 0)
		err = sd_bus_message_open_container(m, 'r', "sasb");
	if (err >= 0)
		err = sd_bus_message_append(m, "s", words[0]);
	if (err >= 0)
		err = sd_bus_message_append_strv(m, words);
	if (err >= 0)
		err = sd_bus_message_append(m, "b", 0);
	free_words(words);
	if (err >= 0)
		err = sd_bus_message_close_container(m);
	if (err >= 0)
		err = sd_bus_message_close_container(m);
	if (err >= 0)
		err = sd_bus_message_close_container(m);
	return err < 0 ? err : sd_bus_message_close_container(m);
}

static int put_environment(sd_bus_message *m, const struct definition *d)
{
	char first[AGENT_NAME_SIZE + 16];
	char **words;
	int err;

	snprintf(first, sizeof(first), "KTACH_AGENT=%s", d->name);
	words = split_words(first, d->environment);
	err = words ? sd_bus_message_open_container(m, 'r', "sv") : -ENOMEM;
	if (err >= 0)
		err = sd_bus_message_append(m, "s", "Environment");
	if (err >= 0)
		err = sd_bus_message_open_container(m, 'v', "as");
	if (err >= 0)
		err = sd_bus_message_append_strv(m, words);
	free_words(words);
	if (err >= 0)
		err = sd_bus_message_close_container(m);
	return err < 0 ? err : sd_bus_message_close_container(m);
}

/* A oneshot service has started once its command has ended. */
static int put_properties(sd_bus_message *m, const struct definition *d)
{
	const int errors[] = {
		put_text(m, "Description", "health command of a ktach agent"),
		put_text(m, "Type", "oneshot"),
		put_text(m, "CollectMode", "inactive-or-failed"),
		put_text(m, "User", d->user),
		put_text(m, "Group", d->group),
		put_text(m, "WorkingDirectory", d->folder),
		put_text(m, "Slice", UNIT_SLICE),
		put_text(m, "LogNamespace", UNIT_JOURNAL),
		sd_bus_message_append(m, "(sv)", "NoNewPrivileges", "b", 1),
		put_number(m, "TimeoutStartUSec", d->timeout_ns / US_NS),
		put_number(m, "TimeoutStopUSec", d->timeout_ns / US_NS),
		put_number(m, "MemoryMax", d->memory_mib << 20),
		put_number(m, "CPUQuotaPerSecUSec",
			   d->cpu_percent * PERCENT_US),
		put_number(m, "TasksMax", d->tasks),
		put_number(m, "LimitNOFILE", d->files),
		put_environment(m, d),
		put_command(m, d->command),
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i] < 0)
			return errors[i];
	return 0;
}

static int put_call(sd_bus_message *m, const struct definition *d)
{
	char unit[UNIT_NAME_SIZE];
	int err;

	unit_check_name(unit, d->name);
	err = sd_bus_message_append(m, "ss", unit, "replace");
	if (err >= 0)
		err = sd_bus_message_open_container(m, 'a', "(sv)");
	if (err >= 0)
		err = put_properties(m, d);
	if (err >= 0)
		err = sd_bus_message_close_container(m);
	return err < 0 ? err : sd_bus_message_append(m, "a(sa(sv))", 0);
}

void transient_start(struct bus *b, struct bus_job *job,
		     const struct definition *d)
{
	sd_bus_message *m = bus_call(b, "StartTransientUnit");

	if (m && put_call(m, d) < 0)
		m = sd_bus_message_unref(m);
	bus_send_job(b, job, m);
}
