// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include "host/collector.h"
#include "host/core.h"
#include "host/cpu.h"
#include "host/disk.h"
#include "host/facts.h"
#include "host/interrupts.h"
#include "host/link.h"
#include "host/load.h"
#include "host/memory.h"
#include "host/mount.h"
#include "host/pressure.h"
#include "host/process.h"
#include "host/sensor.h"
#include "host/system.h"
#include "lib/log.h"

const struct host_collector *const host_collectors[] = {
	&host_cpu,	&host_softirq,	  &host_load,	&host_memory,
	&host_pressure, &host_system,	  &host_core,	&host_disk,
	&host_mount,	&host_link,	  &host_sensor, &host_process,
	&host_facts,	&host_interrupts, NULL,
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
