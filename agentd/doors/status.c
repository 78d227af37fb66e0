// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentd/doors/describe.h"
#include "agentd/doors/status.h"
#include "lib/base/log.h"

#define OFTEN_NS UINT64_C(10000000000)

void status_open(struct status *s, const char *folder)
{
	*s = (struct status){ 0 };
	snprintf(s->path, sizeof(s->path), "%s/agents", folder);
	snprintf(s->fresh, sizeof(s->fresh), "%s.new", s->path);
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

static int write_file(const struct status *s)
{
	int fd = open(s->fresh,
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		      0644);
	size_t size = strlen(s->text);
	int err = 0;

	if (fd < 0)
		return -errno;
	errno = EIO;
	if (write(fd, s->text, size) != (ssize_t)size)
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(s->fresh, s->path))
		err = -errno;
	return err;
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
	err = write_file(s);
	if (err && !s->failed)
		log_error("%s: %s; what agents are is not told to the shipper",
			  s->path, strerror(-err));
	s->failed = err;
}
