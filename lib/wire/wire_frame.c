// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <isa-l/crc.h>
#include <stdbool.h>
#include <string.h>

#include "lib/wire/wire.h"
#include "lib/wire/wire_format.h"

const char *wire_error_name(enum wire_error error)
{
	static const char *const names[WIRE_ERRORS] = {
		[WIRE_OK] = "ok",
		[WIRE_E_SHORT] = "short",
		[WIRE_E_MAGIC] = "magic",
		[WIRE_E_VERSION] = "version",
		[WIRE_E_LENGTH] = "length",
		[WIRE_E_FLAGS] = "flags",
		[WIRE_E_CRC] = "crc",
		[WIRE_E_SEALED] = "sealed",
		[WIRE_E_UNSEALED] = "unsealed",
		[WIRE_E_KEY] = "key",
		[WIRE_E_FORGED] = "forged",
		[WIRE_E_KIND] = "kind",
		[WIRE_E_TABLE] = "table",
	};

	return error < WIRE_ERRORS ? names[error] : "unknown";
}

/* CRC32C of a frame, its own field as 0. */
static uint32_t frame_crc(const struct wire_header *h, const void *payload,
			  size_t size)
{
	struct wire_header zeroed = *h;
	uint32_t crc;

	zeroed.check = 0;
	crc = crc32_iscsi((unsigned char *)&zeroed, sizeof(zeroed), ~0U);
	return ~crc32_iscsi((unsigned char *)payload, (int)size, crc);
}

static struct wire_header header(size_t size, enum wire_kind kind,
				 const struct wire_sender *sender,
				 uint64_t sequence, uint64_t time)
{
	struct wire_header h = {
		.magic = WIRE_MAGIC,
		.version = WIRE_VERSION,
		.kind = (uint8_t)kind,
		.length = htole32((uint32_t)(size - WIRE_HEADER_SIZE)),
		.session = htole64(sender->session),
		.sequence = htole64(sequence),
		.time = htole64(time),
	};

	memcpy(h.node, sender->node, sizeof(h.node));
	memcpy(h.boot, sender->boot, sizeof(h.boot));
	return h;
}

static size_t finish_frame(uint8_t *frame, size_t size, struct wire_header h)
{
	h.check = htole32(frame_crc(&h, frame + WIRE_HEADER_SIZE,
				    size - WIRE_HEADER_SIZE));
	memcpy(frame, &h, sizeof(h));
	return size;
}

size_t wire_finish(struct wire_encoder *e, const struct wire_sender *sender,
		   uint64_t sequence)
{
	return finish_frame(e->frame, e->used,
			    header(e->used, WIRE_SAMPLES, sender, sequence,
				   e->time));
}

size_t wire_finish_to_seal(struct wire_encoder *e,
			   const struct wire_sender *sender, uint64_t sequence)
{
	struct wire_header h =
		header(e->used, WIRE_SAMPLES, sender, sequence, e->time);

	memcpy(e->frame, &h, sizeof(h));
	return e->used;
}

size_t wire_message(void *frame, enum wire_kind kind,
		    const struct wire_sender *sender, uint64_t sequence,
		    uint64_t time, const void *payload, size_t size)
{
	if (size && payload)
		memcpy((uint8_t *)frame + WIRE_HEADER_SIZE, payload, size);
	size += WIRE_HEADER_SIZE;
	return finish_frame(frame, size,
			    header(size, kind, sender, sequence, time));
}

size_t wire_no_key(void *frame, const struct wire_sender *sender,
		   uint64_t sequence, uint32_t key, uint64_t time)
{
	key = htole32(key);
	return wire_message(frame, WIRE_NO_KEY, sender, sequence, time, &key,
			    sizeof(key));
}

bool wire_no_key_is_of(const struct wire_frame *frame, uint32_t key)
{
	uint32_t named;

	if ((size_t)(frame->end - frame->at) < sizeof(named))
		return true;
	memcpy(&named, frame->at, sizeof(named));
	return le32toh(named) == key;
}

uint32_t wire_kind_of(const void *frame)
{
	return ((const uint8_t *)frame)[offsetof(struct wire_header, kind)];
}

bool wire_is_known(const void *frame)
{
	return wire_kind_known(wire_kind_of(frame));
}

uint32_t wire_key_of(const void *frame)
{
	struct wire_header h;

	memcpy(&h, frame, sizeof(h));
	return le16toh(h.flags) & WIRE_SEALED ? le32toh(h.check) : 0;
}

static enum wire_error check_begin(const struct wire_header *h)
{
	if (memcmp(h->magic, WIRE_MAGIC, sizeof(h->magic)))
		return WIRE_E_MAGIC;
	if (h->version != WIRE_VERSION)
		return WIRE_E_VERSION;
	if (le32toh(h->length) > WIRE_FRAME_MAX - WIRE_HEADER_SIZE)
		return WIRE_E_LENGTH;
	return WIRE_OK;
}

enum wire_error wire_size(const void *data, size_t have, size_t *size)
{
	struct wire_header h;
	enum wire_error error;

	if (have < sizeof(h))
		return WIRE_E_SHORT;
	memcpy(&h, data, sizeof(h));
	error = check_begin(&h);
	if (!error)
		*size = WIRE_HEADER_SIZE + le32toh(h.length);
	return error;
}

void wire_peek(struct wire_frame *f, const void *header)
{
	struct wire_header h;

	memcpy(&h, header, sizeof(h));
	memset(f, 0, sizeof(*f));
	memcpy(f->sender.node, h.node, sizeof(h.node));
	memcpy(f->sender.boot, h.boot, sizeof(h.boot));
	f->sender.session = le64toh(h.session);
	f->kind = h.kind;
	f->flags = le16toh(h.flags);
	f->check = le32toh(h.check);
	f->sequence = le64toh(h.sequence);
	f->time = le64toh(h.time);
}

enum wire_error wire_head(struct wire_frame *f, const void *data, size_t size)
{
	struct wire_header h;
	enum wire_error error;

	if (size < sizeof(h))
		return WIRE_E_SHORT;
	memcpy(&h, data, sizeof(h));
	error = check_begin(&h);
	if (error)
		return error;
	if (le32toh(h.length) != size - sizeof(h))
		return WIRE_E_LENGTH;
	if (le16toh(h.flags) & ~WIRE_SEALED)
		return WIRE_E_FLAGS;

	wire_peek(f, data);
	f->at = (const uint8_t *)data + WIRE_HEADER_SIZE;
	f->end = (const uint8_t *)data + size;
	return WIRE_OK;
}

enum wire_error wire_open(struct wire_frame *f, const void *data, size_t size)
{
	enum wire_error error = wire_head(f, data, size);
	struct wire_header h;

	if (error)
		return error;
	if (f->flags & WIRE_SEALED)
		return WIRE_E_SEALED;
	memcpy(&h, data, sizeof(h));
	if (frame_crc(&h, f->at, (size_t)(f->end - f->at)) != f->check)
		return WIRE_E_CRC;
	return wire_kind_known(f->kind) ? WIRE_OK : WIRE_E_KIND;
}
