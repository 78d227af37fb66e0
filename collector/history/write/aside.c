// SPDX-License-Identifier: GPL-2.0-or-later
/* What could not be folded or merged: it is kept, and stops nobody else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

#define TELL_EVERY_NS UINT64_C(60000000000)

static void tell(struct writer *w, const uint8_t *uid, const char *what,
		 int why)
{
	uint64_t now = clock_mono_ns();
	char text[NODE_ID_TEXT_SIZE];

	w->trouble.aside++;
	memcpy(w->trouble.node, uid, WIRE_ID_SIZE);
	if (w->aside_told_ns && now - w->aside_told_ns < TELL_EVERY_NS)
		return;
	w->aside_told_ns = now;
	node_id_format(uid, text);
	log_error(
		"history: %s of node %s could not be %s (%s) and are set aside; others are not concerned",
		what, text, what[0] == 'f' ? "folded" : "merged",
		why == -ELOOP ?
			"this program was killed while it tried" :
		why == -EFBIG ?
			"an hour of it takes more than its share of memory" :
			strerror(-why));
}

/* As a row of the log, so that they can be one again. */
static int make_row(struct writer *w, const struct buffer *frames)
{
	const uint8_t *at = frames->data, *end = at + frames->used;
	const struct kept_frame *f;
	int err = frame_log_begin(&w->log);

	while (!err && (f = frame_next(&at, end)))
		err = frame_log_put(&w->log, f, f + 1);
	return err ? err : frame_log_finish(&w->log);
}

int aside_frames(struct writer *w, const struct open_node *n, int why,
		 struct engine_fold *made)
{
	int err = make_row(w, &n->frames);

	*made = (struct engine_fold){ .log = w->e->last_log,
				      .first_ns = UINT64_MAX,
				      .real_ns = clock_real_ns(),
				      .name = strdup(""),
				      .version = strdup("") };
	memcpy(made->node, n->uid, WIRE_ID_SIZE);
	if (!err && (!made->name || !made->version))
		err = -ENOMEM;
	if (!err)
		err = outbox_copy(&made->aside, w->log.data, w->log.used);
	if (!err)
		tell(w, n->uid, "frames", why);
	return err;
}

int aside_parts(struct writer *w, const struct engine_key *key, int why)
{
	int err = w->e->ops->set_aside(w->e, key);

	if (!err)
		tell(w, key->node, "chunks", why);
	return err;
}

int aside_retry(struct writer *w)
{
	struct engine_aside left;
	int err = w->e->ops->retry(w->e, w->policy.memory_limit, &left);

	if (err)
		return err;
	w->trouble.aside = left.count;
	if (left.count)
		memcpy(w->trouble.node, left.node, WIRE_ID_SIZE);
	if (left.tried)
		log_info(
			"history: what was set aside is tried again, once: %llu times frames or chunks",
			(unsigned long long)left.tried);
	return 0;
}
