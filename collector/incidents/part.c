// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "collector/incidents/part.h"
#include "lib/base/clock.h"

enum {
	JOURNAL_SPARE =
		64 << 10, /* bytes, beside twice those of the incident */
};

/* A piece in a journal; its bytes follow. */
struct journal_head {
	uint64_t total;
	uint64_t at;
	uint64_t size;
};

struct incidents_part *part_new(const uint8_t *node,
				const struct incident_piece *piece)
{
	struct incidents_part *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->data = calloc(1, piece->total);
	if (!p->data) {
		free(p);
		return NULL;
	}
	memcpy(p->node, node, sizeof(p->node));
	p->id = piece->id;
	p->total = piece->total;
	return p;
}

void part_free(struct incidents_part *p)
{
	if (p)
		free(p->data);
	free(p);
}

/* Ranges that it touches become one with it. */
static bool add_range(struct incidents_part *p, size_t from, size_t to)
{
	struct part_range *r = p->ranges;
	size_t i = 0, j;

	while (i < p->range_count && r[i].to < from)
		i++;
	for (j = i; j < p->range_count && r[j].from <= to; j++) {
		from = r[j].from < from ? r[j].from : from;
		to = r[j].to > to ? r[j].to : to;
	}
	if (i == j && p->range_count == INCIDENTS_RANGES)
		return false;
	memmove(&r[i + 1], &r[j], (p->range_count - j) * sizeof(*r));
	p->range_count += 1 + i - j;
	r[i] = (struct part_range){ from, to };
	return true;
}

bool part_has(const struct incidents_part *p,
	      const struct incident_piece *piece)
{
	size_t i;

	for (i = 0; i < p->range_count; i++)
		if (piece->at >= p->ranges[i].from &&
		    piece->at + piece->size <= p->ranges[i].to)
			return piece->total == p->total;
	return false;
}

bool part_add(struct incidents_part *p, const struct incident_piece *piece)
{
	size_t size = sizeof(struct journal_head) + piece->size;

	if (piece->total != p->total ||
	    p->journaled + size > 2 * p->total + JOURNAL_SPARE ||
	    !add_range(p, piece->at, piece->at + piece->size))
		return false;
	p->journaled += size;
	memcpy(p->data + piece->at, piece->data, piece->size);
	p->heard_ns = clock_mono_ns();
	return true;
}

bool part_is_whole(const struct incidents_part *p)
{
	return p->range_count == 1 && !p->ranges[0].from &&
	       p->ranges[0].to == p->total;
}

int part_write(const char *path, const struct incident_piece *piece)
{
	struct journal_head head = { piece->total, piece->at, piece->size };
	const struct iovec parts[] = {
		{ &head, sizeof(head) },
		{ (void *)piece->data, piece->size },
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	ssize_t n = fd < 0 ? -1 : writev(fd, parts, 2);
	int err = n < 0 ? -errno : 0;

	if (n >= 0 && (size_t)n != sizeof(head) + piece->size)
		err = -ENOSPC;
	if (fd >= 0)
		close(fd);
	return err;
}

static bool read_piece(FILE *f, struct incident_piece *piece, uint8_t *bytes)
{
	struct journal_head head;

	if (fread(&head, sizeof(head), 1, f) != 1 ||
	    head.total > INCIDENT_SIZE_MAX || !head.size ||
	    head.size > head.total || head.at > head.total - head.size ||
	    fread(bytes, head.size, 1, f) != 1)
		return false;
	piece->total = head.total;
	piece->at = head.at;
	piece->size = head.size;
	piece->data = bytes;
	return true;
}

static struct incidents_part *read_pieces(FILE *f, uint8_t *bytes,
					  const uint8_t *node, uint64_t id)
{
	struct incident_piece piece = { .id = id };
	struct incidents_part *p = NULL;

	while (read_piece(f, &piece, bytes)) {
		p = p ? p : part_new(node, &piece);
		if (!p)
			break;
		if (!part_has(p, &piece))
			part_add(p, &piece);
	}
	return p;
}

struct incidents_part *part_read(const char *path, const uint8_t *node,
				 uint64_t id)
{
	uint8_t *bytes = malloc(INCIDENT_SIZE_MAX);
	FILE *f = bytes ? fopen(path, "re") : NULL;
	struct incidents_part *p = f ? read_pieces(f, bytes, node, id) : NULL;

	if (f)
		fclose(f);
	free(bytes);
	return p;
}
