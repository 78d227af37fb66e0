// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a file of rules: it is read, or refused by a line that says what was
 * expected and where; of each rule that was read there is all that a look needs.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/alarms/rule.h"
#include "lib/base/log.h"

static void look_at(const struct rules *rules)
{
	size_t i;

	if (rules->count > RULES_MAX)
		abort();
	for (i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->all[i];

		if (!r->name || !*r->name || !r->origin || !r->text ||
		    strlen(r->text) >= RULE_TEXT_MAX || isnan(r->limit) ||
		    r->share < 0 || r->share >= 1)
			abort();
		if (rules_find(rules, r->name) != r)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], problem[512] = "";
	struct rules rules = { 0 };
	static int fd = -1;

	if (fd < 0) {
		log_init("rules_fuzz", LOG_ERROR);
		fd = memfd_create("rules", MFD_CLOEXEC);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!rules_load_file(&rules, path, problem, sizeof(problem)))
		look_at(&rules);
	else if (!*problem || rules.count)
		abort();
	rules_free(&rules);
	return 0;
}
