// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How far each session came: which of its frames are to be written. The engine has the
 * marks; what it said of a node's last session is known here, with what this commit is
 * going to add.
 */
#include <errno.h>
#include <string.h>

#include "collector/history/write/writer.h"

/* What this commit sets of a node last; NULL: nothing. */
static struct engine_mark *find_last(const struct writer *w,
				     const struct open_node *n)
{
	struct engine_mark *marks = (struct engine_mark *)w->marks.data;

	if (n->pending >= w->marks.used / sizeof(*marks) ||
	    memcmp(marks[n->pending].node, n->uid, WIRE_ID_SIZE))
		return NULL;
	return &marks[n->pending];
}

/* What it sets of this session. */
static struct engine_mark *find_pending(const struct writer *w,
					const struct open_node *n,
					uint64_t session)
{
	struct engine_mark *marks = (struct engine_mark *)w->marks.data;
	struct engine_mark *m = find_last(w, n);

	while (m &&
	       (m->session != session || memcmp(m->node, n->uid, WIRE_ID_SIZE)))
		m = m == marks ? NULL : m - 1;
	return m;
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
	n->pending = w->marks.used / sizeof(m);
	return buffer_put(&w->marks, &m, sizeof(m));
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
