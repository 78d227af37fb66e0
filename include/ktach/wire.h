/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame: what a shipper sends and a collector receives. docs/wire.md shows
 * one byte by byte; tables/tables.def says what is in it.
 *
 * A frame is one UDP datagram, or one unit of a TCP stream, where frames follow
 * each other as they are. It decodes alone. Its header is of fixed size and
 * always in clear; all integers are little endian:
 *
 *   offset size
 *        0    4  magic        "KTCH"
 *        4    1  version      2
 *        5    1  kind         enum wire_kind
 *        6    2  flags        enum wire_flag
 *        8    4  length       bytes that follow the header
 *       12    4  check        CRC32C of the frame, this field as 0;
 *                             in a sealed frame: the id of its key
 *       16   16  node         id of the host, made once and kept
 *       32   16  boot         the kernel's boot id
 *       48    8  session      real time when the sender started, ns; larger
 *                             than that of any session before
 *       56    8  sequence     1, 2, 3 ... within a session
 *       64    8  time         real time when the frame was begun, ns
 *       72
 *
 * (node, session, sequence) names a frame for ever: what is missing between
 * two sequences of a session was lost on the way.
 *
 * Kinds. WIRE_SAMPLES goes from a shipper to a collector; its payload is a run
 * of tables. WIRE_ACK comes back over TCP: node and session are the shipper's, and
 * what was sent of that session on this connection, up to and with sequence,
 * is stored; its payload is a byte of enum wire_accepts, or none. WIRE_NO_KEY and
 * WIRE_REFUSED come back instead, with the refused frame's session and
 * sequence, and nothing is taken after that; the payload of WIRE_NO_KEY is the id of
 * the key that is not known, or none. WIRE_LEAVING is the last frame of
 * a connection; its sequence is that of the last frame before it, and its
 * payload says in UTF-8 where its sender goes, as its configuration names it.
 *
 * WIRE_REQUEST comes back, too, and asks a node something; WIRE_ANSWER goes to the
 * collector. Both are always sealed, and neither is stored or acknowledged. Their
 * sequence is a number that the collector drew for this request. The payload is a byte
 * of enum wire_service and a byte of enum wire_piece, which is WIRE_PIECE_LAST in
 * requests, then a text: an answer is that of its pieces, in order. A request is
 * for the session that its header names, and no other one takes it.
 *
 * Sealing. A frame with the flag WIRE_SEALED is encrypted and authenticated by
 * XChaCha20-Poly1305 (IETF) under the node's key. The header, as it is sent, is
 * the additional data; what follows it is
 *
 *   ciphertext (as long as the payload)   nonce, 24 bytes   tag, 16 bytes
 *
 * and both ends use the same key. A nonce is never used twice with a key: it is 24
 * random bytes, drawn for this frame alone. An acknowledgement is sealed if what it
 * acknowledges was. Replays are stopped by sequence, session and kind, all of which
 * the tag covers.
 *
 * A reader refuses frames with flags that it does not know, and drops kinds
 * that it does not know; both are counted.
 *
 * The payload of WIRE_SAMPLES is a run of tables. "varint" is LEB128 of at most
 * 10 bytes, "signed" is a zigzagged varint; arithmetic is modulo 2^64:
 *
 *   varint kind          enum wire_table_kind
 *   varint schema        version of that kind's columns
 *   varint size          bytes of the body; a reader skips what it doesn't know
 *   body:
 *     varint origin      enum wire_origin
 *     varint columns, varint texts, varint rows, varint samples
 *     for each sample:
 *       signed number    of the sample at its origin, 0 if it has none
 *       signed real_ns   CLOCK_REALTIME of the sample
 *       signed mono_ns   CLOCK_MONOTONIC of the sample
 *       signed lost      samples of this table that the sender lost before
 *                        this one, counted from the start of its session
 *     for each column:   the values of all rows and samples, see below
 *     for each text, for each row: varint size, bytes of UTF-8
 *
 * Each field of a sample's head is written less a guess: of the first sample 0
 * (real_ns: the frame's time), of the second the first's, of others twice the
 * last less the one before it.
 *
 * A row's first column is its key. Keys and texts are the same in all samples
 * of a table and written once; a table with more rows than a frame has room for
 * is cut into several tables with the same samples. A table of devices and the like
 * without rows, which follows one that had some, says that there are none any more.
 *
 *   column:
 *     byte               bits 0..2 enum wire_type
 *                        bits 3..4 enum wire_code of the first values
 *                        bits 5..6 enum wire_code of the steps
 *                        bit 7     values are multiples of a scale
 *     varint scale       only with bit 7: what values and steps are in
 *     first values       of the first sample, row by row
 *     steps              row by row, sample by sample from the second on:
 *                        value less that of the sample before; none in the key
 *
 *   values of a code, in blocks of WIRE_BLOCK, the last one may be shorter:
 *     WIRE_ZEROES        nothing: all are 0
 *     WIRE_PLAIN         byte width, then the values, width bits each
 *     WIRE_OFFSET        byte width, signed least, then values less the least
 *     WIRE_DELTA         signed first value, before the first block; then the
 *                        others, each less the one before it, as WIRE_OFFSET
 *
 * Values of a block lie one after the other from the lowest bit of its first
 * byte on; the last byte is filled up with zeroes. width is 0 to 64.
 *
 * Growing: columns and texts are appended to a kind's and its schema goes up by
 * one. A reader takes those that it knows from any schema and ignores the rest.
 * A sender may leave columns out from the end, but for those that
 * tables.def calls required; a reader refuses a table that lacks those. A new
 * kind is skipped by readers that don't know it. Another layout of the header or
 * of tables is another version of the frame.
 */
#ifndef KTACH_WIRE_H
#define KTACH_WIRE_H

#include <ktach/wire_tables.h>

#define WIRE_MAGIC "KTCH"

/* The value of a cell that could not be read: no time, count or gauge. */
#define WIRE_ABSENT (UINT64_C(1) << 63)

enum wire_limits {
	WIRE_VERSION = 2,
	WIRE_HEADER_SIZE = 72,
	WIRE_NONCE_SIZE = 24,
	WIRE_TAG_SIZE = 16,
	WIRE_SEAL_SIZE =
		WIRE_NONCE_SIZE + WIRE_TAG_SIZE, /* more than unsealed */
	WIRE_NO_KEY_SIZE = WIRE_HEADER_SIZE + 4, /* not sealed */
	WIRE_KEY_SIZE = 32,
	WIRE_FRAME_MAX = 65507, /* the largest UDP datagram on IPv4 */
	WIRE_ID_SIZE = 16,
	WIRE_COLUMNS_MAX = 128,
	WIRE_TEXTS_MAX = 8,
	WIRE_ROWS_MAX = 16384,
	WIRE_SAMPLES_MAX = 64, /* of a table */
	WIRE_CELLS_MAX = 65536, /* rows * columns * samples of a table */
	WIRE_FRAME_CELLS_MAX = 1 << 20, /* the same, of all tables of a frame */
	WIRE_TEXT_MAX = 255,
	WIRE_BLOCK = 16, /* values packed with one width */
	WIRE_REQUEST_HEAD =
		2, /* bytes before the text of a request, or an answer */
	WIRE_REQUEST_MAX = 32768, /* bytes of its text */
	WIRE_PORT = 4766, /* UDP and TCP, unless told otherwise */
};

enum wire_kind {
	WIRE_SAMPLES = 1,
	WIRE_ACK = 2,
	WIRE_NO_KEY = 3, /* the key of a frame is not known */
	WIRE_REFUSED = 4, /* why a frame is not taken */
	WIRE_LEAVING = 5, /* the sender goes to another collector */
	WIRE_REQUEST = 6, /* what a collector wants to know, or done */
	WIRE_ANSWER = 7, /* to that */
};

/* Who on a node answers a request. */
enum wire_service {
	WIRE_SERVICE_AGENTS = 1, /* ktach-agentd */
	WIRE_SERVICE_FLIGHT = 2, /* the shipper's flight recorder */
};

/* Tables that are bytes instead of columns, and have none of their fields: what follows
 * their size is as lib/wire/incident.h has it.
 */
enum wire_bytes_kind {
	WIRE_BYTES_FIRST = 64,
	WIRE_INCIDENT_PIECE =
		WIRE_BYTES_FIRST, /* part of an incident, in the feed */
	WIRE_INCIDENT_HEAD, /* what it is about */
	WIRE_INCIDENT_BUCKETS, /* an interface's bytes by the millisecond */
	WIRE_BYTES_KINDS
};

enum wire_piece {
	WIRE_PIECE_MORE = 0, /* others follow */
	WIRE_PIECE_LAST = 1,
};

/* The first byte of WIRE_REFUSED's payload. */
enum wire_refusal {
	WIRE_REFUSAL_UNSEALED = 1, /* frames have to be sealed here */
	WIRE_REFUSAL_FULL = 3, /* there is no room for another node */
	WIRE_REFUSAL_CLONE, /* another host sends as this node */
	WIRE_REFUSAL_VALUE, /* a number in it can't be */
	WIRE_REFUSAL_MOVED, /* another collector has the node: its address follows, in
			     * UTF-8, if it is known
			     */
};

enum wire_flag {
	WIRE_SEALED = 1,
};

/* Kinds that came later, which are only sent to an end that announced that it
 * takes them: a shipper in its table WIRE_NODE, a collector in the payload of its
 * acknowledgements.
 */
enum wire_accepts {
	WIRE_ACCEPTS_REFUSED = 1, /* WIRE_REFUSED */
	WIRE_ACCEPTS_LEAVING = 2, /* WIRE_LEAVING */
	WIRE_ACCEPTS_AGENTS = 4, /* WIRE_REQUEST of WIRE_SERVICE_AGENTS */
	WIRE_ACCEPTS_FLIGHT = 8, /* WIRE_REQUEST of WIRE_SERVICE_FLIGHT */
};

/* What a column's values are. */
enum wire_type {
	WIRE_KEY, /* which row this is */
	WIRE_COUNTER, /* only grows while its source lives */
	WIRE_GAUGE, /* any value of this moment, signed */
	WIRE_STATE, /* flags, or one of an enumeration */
	WIRE_TYPES
};

/* How the values of a column are written. */
enum wire_code {
	WIRE_ZEROES,
	WIRE_PLAIN,
	WIRE_OFFSET,
	WIRE_DELTA,
	WIRE_CODES
};

#endif /* KTACH_WIRE_H */
