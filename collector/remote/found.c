// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/remote/found.h"
#include "lib/base/resized.h"

/* A series without samples is none. */
static int copy_series(struct found_series *s, const struct remote_labels *l,
		       const struct found_sample *samples, size_t count)
{
	char *at;
	size_t i;

	*s = (struct found_series){ .count = count };
	for (i = 0; i < l->count; i++)
		s->labels_size +=
			strlen(l->list[i].name) + strlen(l->list[i].value) + 2;
	s->labels = malloc(s->labels_size);
	s->samples = malloc(count * sizeof(samples[0]));
	if (!s->labels || !s->samples) {
		free(s->labels);
		free(s->samples);
		return -ENOMEM;
	}
	memcpy(s->samples, samples, count * sizeof(samples[0]));
	for (i = 0, at = s->labels; i < l->count; i++) {
		at = stpcpy(at, l->list[i].name) + 1;
		at = stpcpy(at, l->list[i].value) + 1;
	}
	return 0;
}

int found_add(struct found *f, const struct remote_labels *l,
	      const struct found_sample *samples, size_t count)
{
	struct found_series *list;
	int err;

	if (!count)
		return 0;
	if (count > FOUND_SAMPLES_MAX - f->samples ||
	    f->count == FOUND_SERIES_MAX)
		return -E2BIG;
	list = grown(f->list, f->count, &f->room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	f->list = list;
	err = copy_series(&f->list[f->count], l, samples, count);
	if (err)
		return err;
	f->count++;
	f->samples += count;
	return 0;
}

static int compare_labels(const struct found_series *a,
			  const struct found_series *b)
{
	size_t size = a->labels_size < b->labels_size ? a->labels_size :
							b->labels_size;
	int order = memcmp(a->labels, b->labels, size);

	return order ? order :
		       (a->labels_size > b->labels_size) -
			       (a->labels_size < b->labels_size);
}

static int compare_times(const void *a, const void *b)
{
	const struct found_sample *x = a, *y = b;

	return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

static int compare_series(const void *a, const void *b)
{
	const struct found_series *x = a, *y = b;
	int order = compare_labels(x, y);

	return order ? order : compare_times(x->samples, y->samples);
}

/* A time has one value. */
static void drop_twins(struct found_series *s)
{
	size_t i, kept = 0;

	for (i = 0; i < s->count; i++)
		if (!kept ||
		    s->samples[i].time_ms != s->samples[kept - 1].time_ms)
			s->samples[kept++] = s->samples[i];
	s->count = kept;
}

/* A device that came back has another row, and the same labels. Without memory its second
 * row is left out.
 */
static void join_series(struct found_series *to, struct found_series *from)
{
	struct found_sample *all = reallocarray(
		to->samples, to->count + from->count, sizeof(all[0]));

	if (all) {
		memcpy(all + to->count, from->samples,
		       from->count * sizeof(all[0]));
		to->samples = all;
		to->count += from->count;
		qsort(all, to->count, sizeof(all[0]), compare_times);
	}
	free(from->labels);
	free(from->samples);
}

void found_settle(struct found *f)
{
	size_t i, kept = 0;

	if (f->count)
		qsort(f->list, f->count, sizeof(f->list[0]), compare_series);
	for (i = 0; i < f->count; i++) {
		if (kept && !compare_labels(&f->list[kept - 1], &f->list[i]))
			join_series(&f->list[kept - 1], &f->list[i]);
		else
			f->list[kept++] = f->list[i];
	}
	f->count = kept;
	for (i = 0; i < f->count; i++)
		drop_twins(&f->list[i]);
}

/**
 * struct packing - a series as protobuf-c takes it; arrays are used again
 * @labels: of it
 * @label_list: these
 * @samples: of it
 * @sample_list: these
 * @room: of samples
 */
struct packing {
	Remote__Label labels[REMOTE_LABELS_MAX];
	Remote__Label *label_list[REMOTE_LABELS_MAX];
	Remote__Sample *samples;
	Remote__Sample **sample_list;
	size_t room;
};

static int make_room(struct packing *p, size_t count)
{
	bool failed = false;

	if (count <= p->room)
		return 0;
	p->samples = resized(p->samples, count, sizeof(*p->samples), &failed);
	p->sample_list = resized(p->sample_list, count, sizeof(*p->sample_list),
				 &failed);
	p->room = failed ? p->room : count;
	return failed ? -ENOMEM : 0;
}

size_t found_labels(const struct found_series *s, Remote__Label *labels,
		    Remote__Label **list)
{
	char *at = s->labels;
	size_t n;

	for (n = 0; at < s->labels + s->labels_size; n++) {
		remote__label__init(&labels[n]);
		labels[n].name = at;
		at += strlen(at) + 1;
		labels[n].value = at;
		at += strlen(at) + 1;
		list[n] = &labels[n];
	}
	return n;
}

static void set_samples(struct packing *p, const struct found_series *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		remote__sample__init(&p->samples[i]);
		p->samples[i].value = s->samples[i].value;
		p->samples[i].timestamp = s->samples[i].time_ms;
		p->sample_list[i] = &p->samples[i];
	}
}

/* A QueryResult of one series; several of them, one behind the other, are one of all. */
static int pack_series(struct packing *p, const struct found_series *s,
		       struct buffer *out)
{
	Remote__TimeSeries series = REMOTE__TIME_SERIES__INIT, *list = &series;
	Remote__QueryResult result = REMOTE__QUERY_RESULT__INIT;

	if (make_room(p, s->count))
		return -ENOMEM;
	set_samples(p, s);
	series.n_labels = found_labels(s, p->labels, p->label_list);
	series.labels = p->label_list;
	series.n_samples = s->count;
	series.samples = p->sample_list;
	result.n_timeseries = 1;
	result.timeseries = &list;
	if (buffer_reserve(out, remote__query_result__get_packed_size(&result)))
		return -ENOMEM;
	out->used += remote__query_result__pack(&result, out->data + out->used);
	return 0;
}

int found_pack(const struct found *f, struct buffer *out)
{
	struct packing *p = calloc(1, sizeof(*p));
	int err = p ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; !err && i < f->count; i++)
		err = pack_series(p, &f->list[i], out);
	if (p) {
		free(p->samples);
		free(p->sample_list);
	}
	free(p);
	return err;
}

void found_free(struct found *f)
{
	while (f->count) {
		f->count--;
		free(f->list[f->count].labels);
		free(f->list[f->count].samples);
	}
	free(f->list);
	*f = (struct found){ 0 };
}
