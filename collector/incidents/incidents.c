// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/base/folder.h"
#include "collector/incidents/decode.h"
#include "collector/incidents/files.h"
#include "collector/incidents/part.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/whole_file.h"

struct incidents_piece {
	struct incidents_piece *next;
	uint8_t node[WIRE_ID_SIZE];
	struct incident_piece piece;
	uint8_t data[];
};

/* --- those that are kept: with the lock held ---------------------------------- */

static struct incidents_entry *find_entry(struct incidents *in,
					  const uint8_t *node, uint64_t id)
{
	size_t i;

	for (i = 0; i < in->count; i++)
		if (in->entries[i].id == id &&
		    !memcmp(in->entries[i].node, node, WIRE_ID_SIZE))
			return &in->entries[i];
	return NULL;
}

static void remove_entry(struct incidents *in, size_t i)
{
	const struct incidents_entry *e = &in->entries[i];
	char path[FILES_PATH_SIZE];

	files_path(in, e->node, e->id, e->torn ? FILES_TORN : FILES_WHOLE,
		   path);
	unlink(path);
	in->size -= e->size;
	in->count--;
	memmove(&in->entries[i], &in->entries[i + 1],
		(in->count - i) * sizeof(*in->entries));
	in->counts.expired++;
}

/* What a node's are, from entry @first on: their number, or their bytes. */
static uint64_t weigh_node(struct incidents *in, size_t first, bool by_number)
{
	const struct incidents_entry *like = &in->entries[first];
	uint64_t weight = 0;
	size_t i;

	for (i = first; i < in->count; i++) {
		struct incidents_entry *e = &in->entries[i];

		if (memcmp(e->node, like->node, WIRE_ID_SIZE))
			continue;
		e->weighed = true;
		weight += by_number ? 1 : e->size;
	}
	return weight;
}

/* The oldest one of the node that has most of what is short: a node cannot push out
 * others'.
 */
static size_t find_surplus(struct incidents *in, bool by_number)
{
	uint64_t weight, largest = 0;
	size_t i, found = 0;

	for (i = 0; i < in->count; i++)
		in->entries[i].weighed = false;
	for (i = 0; i < in->count; i++) {
		if (in->entries[i].weighed)
			continue;
		weight = weigh_node(in, i, by_number);
		if (weight <= largest)
			continue;
		largest = weight;
		found = i;
	}
	return found;
}

static void expire_entries(struct incidents *in)
{
	uint64_t now_ns = clock_real_ns();
	size_t i = 0;

	while (i < in->count)
		if (in->entries[i].head.real_ns + in->policy.keep_ns < now_ns)
			remove_entry(in, i);
		else
			i++;
	while (in->count &&
	       (in->size > in->policy.size_max || in->count > INCIDENTS_MAX))
		remove_entry(in, find_surplus(in, in->count > INCIDENTS_MAX));
}

/* In the order of the triggers' times. */
static void add_entry(struct incidents *in, const struct incidents_entry *e)
{
	struct incidents_entry *all =
		realloc(in->entries, (in->count + 1) * sizeof(*all));
	size_t i = in->count;

	if (!all)
		return;
	in->entries = all;
	while (i && all[i - 1].head.real_ns > e->head.real_ns)
		i--;
	memmove(&all[i + 1], &all[i], (in->count - i) * sizeof(*all));
	all[i] = *e;
	in->count++;
	in->size += e->size;
}

static void make_entry(struct incidents_entry *e, const uint8_t *node,
		       uint64_t id, const uint8_t *data, size_t size, bool torn)
{
	*e = (struct incidents_entry){ .id = id, .size = size, .torn = torn };
	memcpy(e->node, node, sizeof(e->node));
	if (decode_head(&e->head, data, size))
		return;
	e->head = (struct incident_head){
		.id = id, .from_ns = id, .to_ns = id, .real_ns = id
	};
}

/* --- those that come: the thread's -------------------------------------------- */

static struct incidents_part **find_part(struct incidents *in,
					 const uint8_t *node, uint64_t id)
{
	struct incidents_part **p = &in->parts;

	while (*p && ((*p)->id != id || memcmp((*p)->node, node, WIRE_ID_SIZE)))
		p = &(*p)->next;
	return p;
}

static bool has_room(const struct incidents *in, const uint8_t *node,
		     size_t total)
{
	const struct incidents_part *p;
	unsigned int count = 0, of_node = 0;

	for (p = in->parts; p; p = p->next) {
		count++;
		of_node += !memcmp(p->node, node, WIRE_ID_SIZE);
		total += p->total;
	}
	return count < INCIDENTS_PARTS && of_node < INCIDENTS_PARTS_OF_ONE &&
	       total <= INCIDENTS_PARTS_BYTES;
}

static void end_part(struct incidents *in, struct incidents_part **link)
{
	struct incidents_part *p = *link;
	char path[FILES_PATH_SIZE];

	*link = p->next;
	files_path(in, p->node, p->id, FILES_PART, path);
	unlink(path);
	part_free(p);
}

/* All that comes of it is there. */
static void keep_part(struct incidents *in, struct incidents_part **link)
{
	struct incidents_part *p = *link;
	bool torn = !part_is_whole(p);
	char path[FILES_PATH_SIZE];
	struct incidents_entry e;
	int err;

	files_path(in, p->node, p->id, torn ? FILES_TORN : FILES_WHOLE, path);
	err = whole_file_write(path, (const char *)p->data, p->total, NULL);
	if (err) {
		log_error("incidents: %s: %s", path, strerror(-err));
		p->heard_ns = clock_mono_ns(); /* it is tried again */
		return;
	}
	make_entry(&e, p->node, p->id, p->data, p->total, torn);
	pthread_mutex_lock(&in->lock);
	add_entry(in, &e);
	in->counts.whole += !torn;
	in->counts.torn += torn;
	expire_entries(in);
	pthread_mutex_unlock(&in->lock);
	end_part(in, link);
}

static struct incidents_part **open_part(struct incidents *in,
					 const struct incidents_piece *p)
{
	struct incidents_part **link = find_part(in, p->node, p->piece.id);

	if (!*link && has_room(in, p->node, p->piece.total))
		*link = part_new(p->node, &p->piece);
	return link;
}

static bool store_piece(struct incidents *in, const struct incidents_piece *p)
{
	struct incidents_part **link = open_part(in, p);
	char path[FILES_PATH_SIZE];

	if (*link && part_has(*link, &p->piece))
		return true;
	if (!*link || !part_add(*link, &p->piece))
		return false;
	if (part_is_whole(*link)) {
		keep_part(in, link);
		return true;
	}
	files_path(in, p->node, p->piece.id, FILES_PART, path);
	return !part_write(path, &p->piece);
}

static void handle_piece(struct incidents *in, const struct incidents_piece *p)
{
	bool known, kept = false;

	pthread_mutex_lock(&in->lock);
	known = find_entry(in, p->node, p->piece.id);
	pthread_mutex_unlock(&in->lock);
	if (!known)
		kept = store_piece(in, p);
	pthread_mutex_lock(&in->lock);
	in->counts.dropped += !known && !kept;
	pthread_mutex_unlock(&in->lock);
}

static void look_for_torn(struct incidents *in)
{
	struct incidents_part **p = &in->parts;
	uint64_t now_ns = clock_mono_ns();

	while (*p) {
		struct incidents_part *one = *p;

		if (now_ns - one->heard_ns > INCIDENTS_PATIENCE_NS)
			keep_part(in, p);
		if (*p == one)
			p = &one->next;
	}
}

static size_t bytes_of(const struct incidents_piece *p)
{
	return sizeof(*p) + p->piece.size;
}

/* Within a second, or when there is something. */
static struct incidents_piece *wait_for_piece(struct incidents *in)
{
	struct incidents_piece *p;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	if (!in->first && !in->ending)
		pthread_cond_timedwait(&in->wake, &in->lock, &until);
	p = in->first;
	if (!p)
		return NULL;
	in->first = p->next;
	if (!in->first)
		in->last = NULL;
	in->queued -= bytes_of(p);
	return p;
}

static void *run_incidents(void *arg)
{
	struct incidents *in = arg;
	struct incidents_piece *p;
	bool ending = false;

	while (!ending) {
		pthread_mutex_lock(&in->lock);
		p = wait_for_piece(in);
		if (!p)
			expire_entries(in);
		ending = !p && in->ending;
		pthread_mutex_unlock(&in->lock);
		if (p)
			handle_piece(in, p);
		else
			look_for_torn(in);
		free(p);
	}
	return NULL;
}

/* --- from other threads ------------------------------------------------------- */

static struct incidents_piece *copy_piece(const uint8_t *node,
					  const struct incident_piece *piece)
{
	struct incidents_piece *p = malloc(sizeof(*p) + piece->size);

	if (!p)
		return NULL;
	p->next = NULL;
	memcpy(p->node, node, sizeof(p->node));
	memcpy(p->data, piece->data, piece->size);
	p->piece = *piece;
	p->piece.data = p->data;
	return p;
}

static void append_piece(struct incidents *in, struct incidents_piece *p)
{
	if (in->last)
		in->last->next = p;
	else
		in->first = p;
	in->last = p;
	in->queued += bytes_of(p);
	pthread_cond_signal(&in->wake);
}

void incidents_take(struct incidents *in, const uint8_t *node,
		    const struct incident_piece *piece)
{
	struct incidents_piece *p = NULL;

	pthread_mutex_lock(&in->lock);
	in->counts.pieces++;
	if (in->policy.size_max && in->queued < INCIDENTS_QUEUE_BYTES)
		p = copy_piece(node, piece);
	if (p)
		append_piece(in, p);
	else
		in->counts.dropped++;
	pthread_mutex_unlock(&in->lock);
}

void incidents_each(struct incidents *in,
		    bool (*tell)(void *context,
				 const struct incidents_entry *e),
		    void *context)
{
	size_t i;

	pthread_mutex_lock(&in->lock);
	for (i = in->count; i && tell(context, &in->entries[i - 1]); i--)
		;
	pthread_mutex_unlock(&in->lock);
}

int incidents_read(struct incidents *in, const char *id,
		   struct incidents_entry *entry, uint8_t **data, size_t *size)
{
	const struct incidents_entry *found = NULL;
	char path[FILES_PATH_SIZE], text[INCIDENTS_ID_SIZE];
	size_t i;

	pthread_mutex_lock(&in->lock);
	for (i = 0; i < in->count && !found; i++) {
		incidents_format_id(&in->entries[i], text);
		if (!strcmp(text, id))
			found = &in->entries[i];
	}
	if (found)
		*entry = *found;
	pthread_mutex_unlock(&in->lock);
	if (!found)
		return -ENOENT;
	files_path(in, entry->node, entry->id,
		   entry->torn ? FILES_TORN : FILES_WHOLE, path);
	*data = files_read(path, size);
	return *data ? 0 : -EIO;
}

void incidents_count(struct incidents *in, struct incidents_counts *counts)
{
	pthread_mutex_lock(&in->lock);
	*counts = in->counts;
	pthread_mutex_unlock(&in->lock);
}

void incidents_change(struct incidents *in,
		      const struct incidents_policy *policy)
{
	pthread_mutex_lock(&in->lock);
	in->policy = *policy;
	expire_entries(in);
	pthread_mutex_unlock(&in->lock);
}

/* --- begin and end ------------------------------------------------------------ */

static void recall_file(struct incidents *in, const char *name)
{
	char path[FILES_PATH_SIZE];
	uint8_t node[WIRE_ID_SIZE], *data;
	struct incidents_entry e;
	struct incidents_part *part;
	enum files_kind kind;
	uint64_t id;
	size_t size;

	if (!files_parse(name, node, &id, &kind))
		return;
	files_path(in, node, id, kind, path);
	if (kind == FILES_PART) {
		part = part_read(path, node, id);
		if (!part) {
			unlink(path);
			return;
		}
		part->next = in->parts;
		in->parts = part;
		return;
	}
	data = files_read(path, &size);
	if (!data) {
		log_warn("incidents: %s cannot be read; it is passed over",
			 path);
		return;
	}
	make_entry(&e, node, id, data, size, kind == FILES_TORN);
	add_entry(in, &e);
	free(data);
}

static int read_folder(struct incidents *in)
{
	DIR *d = opendir(in->folder);
	const struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d)))
		recall_file(in, e->d_name);
	closedir(d);
	return 0;
}

int incidents_open(struct incidents *in, const char *data,
		   const struct incidents_policy *policy)
{
	int err;

	*in = (struct incidents){ .policy = *policy };
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->wake, NULL);
	snprintf(in->folder, sizeof(in->folder), "%s/incidents", data);
	err = folder_make(in->folder);
	if (!err)
		err = read_folder(in);
	if (!err)
		err = -pthread_create(&in->thread, NULL, run_incidents, in);
	in->running = !err;
	if (err)
		log_error("incidents: %s: %s", in->folder, strerror(-err));
	return err;
}

void incidents_close(struct incidents *in)
{
	struct incidents_part *next;

	if (in->running) {
		pthread_mutex_lock(&in->lock);
		in->ending = true;
		pthread_cond_signal(&in->wake);
		pthread_mutex_unlock(&in->lock);
		pthread_join(in->thread, NULL);
	}
	for (; in->parts; in->parts = next) {
		next = in->parts->next;
		part_free(in->parts);
	}
	free(in->entries);
}
