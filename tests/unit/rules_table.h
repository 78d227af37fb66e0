/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of rules: a warden that looks at one node; after cmocka.h. */
#ifndef KTACH_TESTS_RULES_TABLE_H
#define KTACH_TESTS_RULES_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/alarms/warden.h"
#include "tests/unit/nodes_table.h"

static struct warden warden;
static char problem[1024];

/* Puts them in force. */
static inline int read_rules(const char *text, uint64_t at_ns)
{
	const struct node_time now = { 1000 * S + at_ns, at_ns };
	char folder[] = "/tmp/ktach-rules-XXXXXX", path[64];
	struct rules rules;
	FILE *file;
	int err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.rules", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	err = rules_load(&rules, folder, true, problem, sizeof(problem));
	unlink(path);
	rmdir(folder);
	if (!err)
		warden_change(&warden, &nodes, &rules, &now);
	return err;
}

static inline int begin(void **state)
{
	return setup(state) || warden_init(&warden);
}

static inline int end(void **state)
{
	warden_exit(&warden);
	return teardown(state);
}

/* As a frame that was taken at the same time. */
static inline void look(uint32_t kind, uint64_t at_ns)
{
	const struct node_time now = { 1000 * S + at_ns, at_ns };

	warden_frame(&warden, &nodes, node, 1U << kind, &now);
}

static inline void gauge(uint64_t at_ns, uint64_t key, uint64_t value)
{
	const uint64_t cells[] = { key, value };

	take(WIRE_GAUGES, at_ns, WIRE_VALUE_COLUMNS, 1, cells, 0, NULL);
	look(WIRE_GAUGES, at_ns);
}

static inline void mounts(uint64_t at_ns, const char *points, const uint64_t *used,
		   const uint64_t *flags, uint32_t count)
{
	struct wire_text texts[8 * WIRE_MOUNT_TEXTS];
	uint64_t cells[8 * WIRE_MOUNT_COLUMNS] = { 0 };
	uint32_t i;

	for (i = 0; i < count; i++, points += 2) {
		uint64_t *c = &cells[(size_t)i * WIRE_MOUNT_COLUMNS];
		struct wire_text *t = &texts[(size_t)i * WIRE_MOUNT_TEXTS];

		c[WIRE_MOUNT_KEY] = (uint64_t)points[1];
		c[WIRE_MOUNT_FLAGS] = flags ? flags[i] : 0;
		c[WIRE_MOUNT_SIZE_BYTES] = 1000;
		c[WIRE_MOUNT_USED_BYTES] = used[i];
		c[WIRE_MOUNT_AVAILABLE_BYTES] = 1000 - used[i];
		t[0] = (struct wire_text){ points, 2 };
		t[1] = (struct wire_text){ "sda", 3 };
		t[2] = (struct wire_text){ "ext4", 4 };
	}
	take(WIRE_MOUNT, at_ns, WIRE_MOUNT_COLUMNS, count, cells,
	     WIRE_MOUNT_TEXTS, texts);
	look(WIRE_MOUNT, at_ns);
}

static inline const struct alarm *firing(const char *rule, const char *row)
{
	const struct alarm *a;

	for (a = node->alarms.first; a; a = a->next)
		if (a->firing && !strcmp(a->rule->name, rule) &&
		    !strcmp(a->row, row))
			return a;
	return NULL;
}

static inline void assert_said(const char *rule, const char *row, const char *said)
{
	const struct alarm *a = firing(rule, row);
	char text[RULE_TEXT_MAX];

	assert_non_null(a);
	rule_say_alarm(node, a, text, sizeof(text));
	assert_string_equal(text, said);
}

#endif /* KTACH_TESTS_RULES_TABLE_H */
