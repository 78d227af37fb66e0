// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include "host/collector.h"
#include "lib/base/log.h"

#define ENTRY(name) &host_##name,

const struct host_collector *const host_collectors[] = {
	HOST_COLLECTORS(ENTRY) NULL,
};

const struct host_collector *host_collector_find(const char *name)
{
	size_t i;

	for (i = 0; host_collectors[i]; i++)
		if (!strcmp(host_collectors[i]->name, name))
			return host_collectors[i];
	return NULL;
}

void host_trouble(struct host_trouble *t, const char *name, const char *what,
		  int err)
{
	if (err && !t->said)
		log_warn("%s: %s: %s; its values are missing", name, what,
			 strerror(-err));
	t->said = err;
}
