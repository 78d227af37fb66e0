// SPDX-License-Identifier: GPL-2.0-or-later
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/parameter.h"
#include "collector/api/reply.h"

static const char json_type[] = "application/json";

void reply_text(struct reply *r, const char *type, struct text *text)
{
	reply_json(r, 200, text);
	if (text)
		r->type = type;
}

void reply_json(struct reply *r, unsigned int status, struct text *text)
{
	static const char short_of_memory[] = "{\"error\":\"out of memory\"}";

	r->status = text ? status : 503;
	r->type = json_type;
	r->owner = text;
	r->data = text ? text->data : short_of_memory;
	r->size = text ? text->size : sizeof(short_of_memory) - 1;
}

void reply_refuse(struct reply *r, unsigned int status, const char *message)
{
	struct document w = { 0 };

	json_open(&w, '{');
	json_key_text(&w, "error", message);
	json_close(&w, '}');
	r->tag[0] = '\0';
	reply_json(r, status, document_done(&w));
}

bool reply_refuse_value(struct reply *r, const char *parameter,
			const char *value, const char *why)
{
	char text[PARAMETER_PROBLEM_SIZE];

	snprintf(text, sizeof(text), "%s: '%.80s': %s", parameter, value, why);
	reply_refuse(r, 400, text);
	return false;
}

void reply_release(struct reply *r)
{
	text_put(r->owner);
	*r = (struct reply){ 0 };
}

/* One that has none yet: of its bytes. */
static void make_tag(struct reply *r)
{
	if (!r->tag[0])
		snprintf(r->tag, sizeof(r->tag), "\"%08x-%zx\"",
			 crc32_gzip_refl(0, r->data, r->size), r->size);
}

/* A list of tags, or *. Compared weakly: W/ says nothing here. */
static bool known(const char *tags, const char *tag)
{
	const char *at;

	if (!strcmp(tags, "*"))
		return true;
	if (!strncmp(tag, "W/", 2))
		tag += 2;
	at = strstr(tags, tag);
	return at != NULL;
}

static struct text *compress(const void *data, size_t size)
{
	struct isal_zstream stream;
	uint8_t *level_buffer = malloc(ISAL_DEF_LVL1_DEFAULT);
	/* Larger than this it is not worth it. */
	struct text *t = malloc(sizeof(*t) + size);
	bool good;

	if (!t || !level_buffer) {
		free(level_buffer);
		free(t);
		return NULL;
	}
	isal_deflate_stateless_init(&stream);
	stream.level = 1;
	stream.level_buf = level_buffer;
	stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
	stream.gzip_flag = IGZIP_GZIP;
	stream.end_of_stream = 1;
	stream.next_in = (uint8_t *)data;
	stream.avail_in = (uint32_t)size;
	stream.next_out = (uint8_t *)t->data;
	stream.avail_out = (uint32_t)size;
	good = isal_deflate_stateless(&stream) == COMP_OK && !stream.avail_in;
	free(level_buffer);
	if (!good) {
		free(t);
		return NULL;
	}
	t->users = 1;
	t->size = stream.total_out;
	return t;
}

void reply_finish(struct reply *r, const struct request *request)
{
	struct text *small;

	/* Of a stream nobody knows the end yet. */
	if (r->status != 200 || r->next[0] || request->page)
		return;
	make_tag(r);
	if (request->tags[0] && known(request->tags, r->tag)) {
		text_put(r->owner);
		r->owner = NULL;
		r->status = 304;
		r->data = "";
		r->size = 0;
		return;
	}
	if (!request->gzip || r->encoding || r->size < REPLY_GZIP_MIN)
		return;
	small = compress(r->data, r->size);
	if (!small)
		return;
	text_put(r->owner);
	r->owner = small;
	r->data = small->data;
	r->size = small->size;
	r->encoding = "gzip";
}
