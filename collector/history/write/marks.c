// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How far each session came: which of its frames are to be written. The engine has the
 * marks; what it said of a node's last session is known here, with what this commit is
 * going to add.
 */
#include <errno.h>
#include <string.h>

#include "collector/history/write/writer.h"

enum {
	SLOTS_FIRST = 256,
};

/* Nobody who chooses sessions knows where @w is, and so which of them meet. */
static size_t hash_of(const struct writer *w, const uint8_t *node,
		      uint64_t session)
{
	uint64_t half[2];

	memcpy(half, node, sizeof(half));
	session ^= half[0] ^ half[1] ^ (uintptr_t)w;
	session *= UINT64_C(0x9e3779b97f4a7c15);
	session ^= session >> 29;
	session *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(session ^ session >> 32);
}

/* Where this session's mark of this commit is, or would be. Half of the slots are free. */
static uint32_t *find_slot(const struct writer *w, const uint8_t *node,
			   uint64_t session)
{
	const struct engine_mark *marks =
		(const struct engine_mark *)w->marks.data;
	uint32_t *slots = (uint32_t *)w->slots.data;
	size_t last = w->slots.used / sizeof(*slots) - 1;
	size_t at = hash_of(w, node, session) & last;

	while (slots[at] &&
	       (marks[slots[at] - 1].session != session ||
		memcmp(marks[slots[at] - 1].node, node, WIRE_ID_SIZE)))
		at = (at + 1) & last;
	return &slots[at];
}

/* What this commit sets of a session. */
static struct engine_mark *find_pending(const struct writer *w,
					const struct open_node *n,
					uint64_t session)
{
	uint32_t slot;

	if (!w->marks.used)
		return NULL;
	slot = *find_slot(w, n->uid, session);
	return slot ? (struct engine_mark *)w->marks.data + slot - 1 : NULL;
}

/* All slots anew, of which one in four is taken at most. */
static int make_slots(struct writer *w, size_t count)
{
	const struct engine_mark *marks =
		(const struct engine_mark *)w->marks.data;
	size_t i, bytes = SLOTS_FIRST * sizeof(uint32_t);

	while (bytes < 4 * count * sizeof(uint32_t))
		bytes *= 2;
	w->slots.used = 0;
	if (buffer_reserve(&w->slots, bytes))
		return -ENOMEM;
	w->slots.used = bytes;
	memset(w->slots.data, 0, bytes);
	for (i = 0; i < count; i++)
		*find_slot(w, marks[i].node, marks[i].session) =
			(uint32_t)(i + 1);
	return 0;
}

static int put_mark(struct writer *w, const struct engine_mark *m)
{
	size_t count = w->marks.used / sizeof(*m);
	int err = 0;

	if (!count || 2 * count >= w->slots.used / sizeof(uint32_t))
		err = make_slots(w, count);
	if (!err)
		err = buffer_put(&w->marks, m, sizeof(*m));
	if (!err)
		*find_slot(w, m->node, m->session) = (uint32_t)(count + 1);
	return err;
}

static int ask(struct writer *w, struct open_node *n, uint64_t session)
{
	const struct engine_mark *m = find_pending(w, n, session);
	int err = 0;

	if (m)
		n->stored = m->sequence;
	else
		err = w->e->ops->mark(w->e, n->uid, session, &n->stored);
	if (err && err != -ENOENT)
		return err;
	n->session = session;
	n->known = !err;
	n->asked = true;
	return 0;
}

/* Of a session's frames in one commit the last one counts. */
static int note(struct writer *w, struct open_node *n, uint64_t sequence)
{
	struct engine_mark *pending = find_pending(w, n, n->session);
	struct engine_mark m = { .session = n->session,
				 .sequence = sequence,
				 .known = n->known,
				 .before = n->stored };

	if (pending) {
		pending->sequence = sequence;
		return 0;
	}
	memcpy(m.node, n->uid, sizeof(m.node));
	return put_mark(w, &m);
}

/* What is there instead: the same frame, a later one, or a hole before it. */
static int refuse(const struct open_node *n, struct store_mark *mark)
{
	mark->unknown = !n->known;
	mark->stored = n->known ? n->stored : 0;
	mark->kept = n->known && n->stored >= mark->sequence;
	return 0;
}

static bool is_next(const struct open_node *n, const struct store_mark *mark)
{
	if (!n->known)
		return !mark->after;
	return n->stored < mark->sequence &&
	       (!mark->after || n->stored == mark->after);
}

int marks_take(struct writer *w, struct store_mark *mark)
{
	struct open_node *n = open_own(&w->open, mark->node);
	int err;

	if (!n)
		return -ENOMEM;
	if (!n->asked || n->session != mark->session) {
		err = ask(w, n, mark->session);
		if (err)
			return err;
	}
	if (!is_next(n, mark))
		return refuse(n, mark);
	err = note(w, n, mark->sequence);
	if (err)
		return err;
	n->known = true;
	n->stored = mark->sequence;
	mark->kept = true;
	mark->stored = mark->sequence;
	return 1;
}

void marks_forget(struct writer *w)
{
	const struct engine_mark *marks = (struct engine_mark *)w->marks.data;
	size_t i;

	for (i = 0; i < w->marks.used / sizeof(*marks); i++) {
		struct open_node *n = open_own(&w->open, marks[i].node);

		if (n)
			n->asked = false;
	}
}
