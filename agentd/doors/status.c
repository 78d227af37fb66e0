// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentd/doors/describe.h"
#include "agentd/doors/status.h"
#include "lib/base/log.h"
#include "lib/base/whole_file.h"

#define OFTEN_NS UINT64_C(10000000000)

void status_open(struct status *s, const char *folder)
{
	*s = (struct status){ 0 };
	snprintf(s->path, sizeof(s->path), "%s/agents", folder);
}

void status_close(struct status *s)
{
	unlink(s->path);
	free(s->text);
}

static char *status_text(const struct agents *agents)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (i = 0; i < agents->count; i++) {
		const struct agent *a = agents->all[i];

		fprintf(out, "%s %s %u %" PRIu64 " %" PRIu64 "\n",
			a->record.name, describe_state(a), a->health.failures,
			a->record.restarts, a->record.health_restarts);
	}
	fclose(out);
	return text;
}

void status_tick(struct status *s, const struct agents *agents, uint64_t now_ns)
{
	char *text = status_text(agents);
	int err;

	if (!text)
		return;
	if (s->text && !strcmp(text, s->text) &&
	    now_ns - s->written_ns < OFTEN_NS) {
		free(text);
		return;
	}
	free(s->text);
	s->text = text;
	s->written_ns = now_ns;
	err = whole_file_write(s->path, text, strlen(text), NULL);
	if (err && !s->failed)
		log_error("%s: %s; what agents are is not told to the shipper",
			  s->path, strerror(-err));
	s->failed = err;
}
