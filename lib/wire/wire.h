/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encoding and decoding of frames (include/ktach/wire.h). No I/O, no
 * allocation, no clock: the caller brings buffers and times.
 */
#ifndef KTACH_LIB_WIRE_WIRE_H
#define KTACH_LIB_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

/* Who sends, and since when. */
struct wire_sender {
	uint8_t node[WIRE_ID_SIZE];
	uint8_t boot[WIRE_ID_SIZE];
	uint64_t session;		/* real time of the sender's start, ns */
};

/* A text in somebody else's memory, not NUL-terminated. */
struct wire_text {
	const char *data;
	size_t size;			/* bytes, at most WIRE_TEXT_MAX */
};

/**
 * struct wire_table - a table, as it goes in and comes out
 * @kind: enum wire_table_kind
 * @schema: version of the columns
 * @origin: enum wire_origin
 * @sample: number of the sample at its origin, 0 if it has none
 * @real_ns: CLOCK_REALTIME of the sample, ns
 * @mono_ns: CLOCK_MONOTONIC of the sample, ns
 * @lost: samples lost by the sender so far
 * @missed: samples that the origin left out so far; not in frames
 * @interval_ns: what rates in it are of, if it has some; not in frames
 * @columns: values a row
 * @rows: rows
 * @texts: texts a row
 * @cells: values, row by row: cells[row * columns + column]
 * @text: texts, row by row: text[row * texts + index]; NULL without texts
 */
struct wire_table {
	uint32_t kind;
	uint32_t schema;
	uint32_t origin;
	uint64_t sample;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t lost;
	uint64_t missed;
	uint64_t interval_ns;
	uint32_t columns;
	uint32_t rows;
	uint32_t texts;
	const uint64_t *cells;
	const struct wire_text *text;
};

/* The head of one of several samples of a table. */
struct wire_stamp {
	uint64_t sample;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t lost;
};

enum wire_encoder_limits {
	WIRE_ENCODER_VALUES = 4096,	/* rows * samples of a table */
};

/* A frame that is being written. All zeroes before its first wire_begin(). The same
 * one is to be used for the next frame: it learns how long rows are.
 */
struct wire_encoder {
	uint8_t *frame;
	size_t size;			/* room, header included */
	size_t used;
	uint32_t cells;			/* of all tables so far */
	uint64_t time;
	uint32_t row_bytes[WIRE_KINDS];	/* of a row when one was put last */
	uint64_t values[WIRE_ENCODER_VALUES]; /* of a column, while it is put */
};

/**
 * wire_begin() - start a frame
 * @e: the encoder
 * @frame: where the frame goes
 * @size: room there, from WIRE_HEADER_SIZE + 1 to WIRE_FRAME_MAX bytes; less
 *        WIRE_SEAL_SIZE if it is to be sealed
 * @time: real time, ns
 */
void wire_begin(struct wire_encoder *e, void *frame, size_t size,
		uint64_t time);

/**
 * wire_put() - append as many rows of a table as the frame has room for
 * @e: the encoder
 * @table: the table
 * @first: the first row to append
 *
 * Return: rows appended; 0 if not even one fits: finish the frame, send it and
 * go on in the next one.
 */
uint32_t wire_put(struct wire_encoder *e, const struct wire_table *table,
		  uint32_t first);

/**
 * wire_put_series() - the same with several samples of a table
 * @e: the encoder
 * @tables: one a sample, in order of time; kind, schema, origin, columns,
 *          rows, texts, keys (each row's first column) and text as in the
 *          first one's: where they differ, begin another series
 * @samples: how many, from 1 to WIRE_SAMPLES_MAX
 * @first: the first row to append, of each sample
 *
 * Values after the first sample's cost far less than alone.
 *
 * Return: rows of each sample appended; 0 if not even one fits: finish the
 * frame; in an empty one, put fewer samples.
 */
uint32_t wire_put_series(struct wire_encoder *e,
			 const struct wire_table *tables, uint32_t samples,
			 uint32_t first);

/**
 * wire_put_none() - append a sample without rows: there are none any more
 * @e: the encoder
 * @table: the table, whose rows are 0
 *
 * Return: whether it fits.
 */
bool wire_put_none(struct wire_encoder *e, const struct wire_table *table);

/* Whether a table was put since wire_begin(). */
int wire_empty(const struct wire_encoder *e);

/**
 * wire_finish() - finish a frame: header and CRC
 * @e: the encoder
 * @sender: who sends
 * @sequence: number of this frame in the sender's session, from 1
 *
 * To be sealed (lib/wire/seal.h), it needs WIRE_SEAL_SIZE bytes of room behind it.
 *
 * Return: the frame's size in bytes.
 */
size_t wire_finish(struct wire_encoder *e, const struct wire_sender *sender,
		   uint64_t sequence);

/* The same without a CRC, for seal_frame(), whose tag takes its place. */
size_t wire_finish_to_seal(struct wire_encoder *e,
			   const struct wire_sender *sender, uint64_t sequence);

/* Make the answer to a frame of @sender whose key is not known. It names the key's
 * id, so that it is true whoever sent that frame. @frame: WIRE_NO_KEY_SIZE bytes,
 * WIRE_SEAL_SIZE more to seal it; the rest as in wire_message().
 */
size_t wire_no_key(void *frame, const struct wire_sender *sender,
		   uint64_t sequence, uint32_t key, uint64_t time);

/**
 * wire_message() - make a frame that has no tables
 * @frame: where it goes; WIRE_HEADER_SIZE bytes and the payload's, WIRE_SEAL_SIZE
 *         more to seal it
 * @kind: enum wire_kind
 * @sender: of what it is about, or who sends it
 * @sequence: the frame that it is about
 * @time: real time, ns
 * @payload: of it; NULL: it is in its place already
 * @size: of @payload
 *
 * Return: its size in bytes.
 */
size_t wire_message(void *frame, enum wire_kind kind,
		    const struct wire_sender *sender, uint64_t sequence,
		    uint64_t time, const void *payload, size_t size);

/* The kind of a frame, of which a header is at hand; and whether this reader knows
 * it.
 */
uint32_t wire_kind_of(const void *frame);
bool wire_is_known(const void *frame);

/* The id of the key that a whole frame is sealed with, 0: none. */
uint32_t wire_key_of(const void *frame);

/* Why a frame, or a table in it, is refused. */
enum wire_error {
	WIRE_OK,
	WIRE_E_SHORT,		/* shorter than a header */
	WIRE_E_MAGIC,		/* not a ktach frame */
	WIRE_E_VERSION,		/* of another version */
	WIRE_E_LENGTH,		/* length field and bytes at hand differ */
	WIRE_E_FLAGS,		/* flags that are not known */
	WIRE_E_CRC,		/* damaged on the way */
	WIRE_E_SEALED,		/* sealed, and there is no key at all */
	WIRE_E_UNSEALED,	/* not sealed, where that is not accepted */
	WIRE_E_KEY,		/* sealed with a key that is not known here */
	WIRE_E_FORGED,		/* the tag is wrong: forged or damaged */
	WIRE_E_KIND,		/* a kind of frame that is not known */
	WIRE_E_TABLE,		/* a table that does not decode */
	WIRE_ERRORS
};

/* A short name of an error, fit for a counter: "short", "magic", ... */
const char *wire_error_name(enum wire_error error);

/**
 * struct wire_frame - a frame that was opened, and how far it was read
 * @sender: from the header
 * @kind: enum wire_kind
 * @flags: enum wire_flag
 * @check: CRC, or the key's id
 * @sequence: in the session
 * @time: real time, ns
 * @at: what is left of the payload
 * @end: its end
 * @samples: of the table that is being read
 * @sample: how many of them were handed out
 * @table: that table, as its first sample
 */
struct wire_frame {
	struct wire_sender sender;
	uint32_t kind;
	uint32_t flags;
	uint32_t check;
	uint64_t sequence;
	uint64_t time;
	const uint8_t *at;
	const uint8_t *end;
	uint32_t samples;
	uint32_t sample;
	struct wire_table table;
};

/* Whether a WIRE_NO_KEY is about a key; that of an older collector names none. */
bool wire_no_key_is_of(const struct wire_frame *frame, uint32_t key);

/**
 * wire_size() - how long the frame is that begins here, in a stream
 * @data: what came so far
 * @have: bytes at hand
 * @size: set
 *
 * Return: WIRE_OK; WIRE_E_SHORT if more of the header is needed; another error
 * if no frame begins here: the stream can't be read any further.
 */
enum wire_error wire_size(const void *data, size_t have, size_t *size);

/* The fields of a header alone, WIRE_HEADER_SIZE bytes; @f has no payload then, and
 * nothing is checked.
 */
void wire_peek(struct wire_frame *f, const void *header);

/**
 * wire_head() - read a frame's header, whatever the kind
 * @f: filled; the payload is all that follows the header
 * @data: the frame; must stay while @f is used
 * @size: bytes at hand
 *
 * Nothing of it is verified yet: neither CRC nor tag.
 */
enum wire_error wire_head(struct wire_frame *f, const void *data, size_t size);

/**
 * wire_open() - check an unsealed frame
 * @f: filled with the header's fields
 * @data: the frame; must stay while @f is used
 * @size: bytes at hand
 *
 * A sealed one is WIRE_E_SEALED: see seal_open().
 */
enum wire_error wire_open(struct wire_frame *f, const void *data, size_t size);

/* How many values there are in what is left of a frame, those that are cut off
 * counted; tables of unknown kinds and what is broken is not. Decodes no value.
 */
uint64_t wire_cells(const struct wire_frame *f);

/**
 * struct wire_room - room for what wire_next() decodes: the caller's, used
 * again and again
 * @cells: of all samples of a table
 * @cells_max: WIRE_CELLS_MAX takes every table
 * @text: of a table
 * @text_max: WIRE_FRAME_MAX takes every table
 * @stamps: WIRE_SAMPLES_MAX heads of samples
 */
struct wire_room {
	uint64_t *cells;
	size_t cells_max;
	struct wire_text *text;
	size_t text_max;
	struct wire_stamp *stamps;
};

/* Room for every table. Return 0 or -ENOMEM. */
int wire_room_open(struct wire_room *room);
void wire_room_close(struct wire_room *room);

/* Give back the memory that a large table took; what was decoded is lost. */
void wire_room_empty(struct wire_room *room);

/**
 * wire_next() - decode the next sample of the next table of a frame
 * @f: a frame of WIRE_SAMPLES
 * @t: filled; points into @room and into the frame
 * @room: where rows go
 *
 * Samples of a table come one after the other, as if each were a table of its
 * own. Columns and texts of a known kind that are newer than this reader are
 * cut off; tables of unknown kinds are skipped. @t has at least the columns
 * that are required.
 *
 * Return: 1 with a table, 0 at the end, -WIRE_E_TABLE if the frame is broken or
 * the table is larger than @room: nothing after it can be read.
 */
int wire_next(struct wire_frame *f, struct wire_table *t,
	      const struct wire_room *room);

/* Whether a 0 in this column of WIRE_CPU means that the source's value made no sense,
 * by the flags of its row.
 */
static inline bool wire_cpu_untold(uint64_t flags, uint32_t column)
{
	return column >= WIRE_CPU_STEAL_NS &&
	       column <= WIRE_CPU_GUEST_NICE_NS &&
	       (flags >> (column - WIRE_CPU_STEAL_NS) & WIRE_CPU_NO_STEAL) != 0;
}

#endif /* KTACH_LIB_WIRE_WIRE_H */
