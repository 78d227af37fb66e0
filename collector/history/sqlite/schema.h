/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history's tables and the statements on them.
 *
 *   node                 who there is, and how far its frames were folded
 *   session              how far each session of TCP came
 *   account              what is known of a node's sender and frames, as it was
 *                        with its newest frame
 *   latest               a node's latest values
 *   loss                 what a node lost in a minute, in which it did
 *   log                  frames as they came, a row a transaction: what is not
 *                        folded yet
 *   part                 a chunk of a node's last minutes, within one hour
 *   raw, minute, five    a chunk of a node's hour: samples, 1 min, 5 min
 *   aside                frames that could not be folded, as a row of the log, and
 *                        the version of the program that could not
 *
 * Triggers keep a node's bytes in parts and chunks in its row. A part that could
 * not be merged has the slot -1 - slot.
 *
 * The key of the hours is hour << 24 | node: as time goes by rows are added at
 * the end, and those that are too old are at the beginning.
 */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_SCHEMA_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_SCHEMA_H

#include <stdint.h>

#include "collector/history/tier.h"

enum schema_numbers {
	SCHEMA_VERSION = 5,		/* PRAGMA user_version */
	SCHEMA_NODE_BITS = 24,
};

/* Makes an empty database one of SCHEMA_VERSION. */
extern const char schema_create[];

/* What version 3 has more than version 2, 4 more than 3, and 5 more than 4. */
extern const char schema_create_loss[];
extern const char schema_create_state[];
extern const char schema_create_bytes[];

enum schema_statement {
	SCHEMA_PUT_NODE,	/* ?1 uid */
	SCHEMA_ALL_NODES,	/* id, uid, name, version, first, last, folded */
	SCHEMA_FOLDED,		/* ?1 id, ?2 folded, ?3 first, ?4 last ns */
	SCHEMA_NAME,		/* ?1 id, ?2 name, ?3 version, ?4 in place of another one */
	SCHEMA_FIND_NODE,	/* ?1 uid: id, first, last, folded */
	SCHEMA_PUT_LOG,		/* ?1 id, ?2 data */
	SCHEMA_ALL_LOGS,	/* id, data, in the order they came */
	SCHEMA_LAST_LOG,	/* the newest id that is known of */
	SCHEMA_LOG_BYTES,	/* of all its rows */
	SCHEMA_TRIM_LOG,	/* ?1 the first one to stay */
	SCHEMA_PUT_PART,	/* ?1 node, ?2 slot, ?3 data */
	SCHEMA_GET_PARTS,	/* ?1 node, ?2 slot: data */
	SCHEMA_TAKE_PARTS,	/* ?1 node, ?2 slot, ?3 how many: the oldest go */
	SCHEMA_RIPE,		/* ?1 slot, ?2 count, ?3 most: uid, slot to be merged */
	SCHEMA_NEXT_PART,	/* ?1 slot: the first one from it on, of any node */
	SCHEMA_ADD_LOSS,	/* ?1 minute, ?2 .. counts, last: uid */
	SCHEMA_GET_LOSSES,	/* ?1 minutes a step, ?2 first, ?3 last, ?4 uid */
	SCHEMA_EXPIRE_LOSSES,	/* ?1 the first minute to stay */
	SCHEMA_EXPIRE_FUTURE,	/* ?1 the first minute to go, of losses */
	SCHEMA_DROP_PARTS,	/* ?1 from this slot, ?2 to before this one, ?3 how many */
	SCHEMA_DROP_NODE_PARTS,	/* ?1 node, then likewise */
	SCHEMA_PUT_ACCOUNT,	/* ?1 real_ns, ?2 data, ?3 uid */
	SCHEMA_PUT_LATEST,	/* ?1 data, ?2 uid */
	SCHEMA_ALL_ACCOUNTS,	/* ?1 how many, of the newest: uid, data */
	SCHEMA_SOME_LATEST,	/* ?1 after this uid, ?2 how many: uid, data */
	SCHEMA_EXPIRE_LATEST,	/* ?1 the first real_ns to stay */
	SCHEMA_EXPIRE_ACCOUNTS,	/* likewise, after those */
	SCHEMA_PUT_ASIDE,	/* ?1 real ns, ?2 uid, ?3 version, ?4 data */
	SCHEMA_TRIM_ASIDE,	/* ?1 how many rows stay */
	SCHEMA_COUNT_ASIDE,	/* rows, and hours whose parts could not be merged */
	SCHEMA_RETRY_ASIDE,	/* ?1 version, ?2 newest log, ?3 all: they, or those of
				 * other versions, go there again */
	SCHEMA_TAKE_ASIDE,	/* ?1 version, ?2 all: deletes these */
	SCHEMA_LAST_ASIDE,	/* uid of the newest row */
	SCHEMA_PARTS_ASIDE,	/* ?1 node, ?2 slot: its parts are not merged */
	SCHEMA_RETRY_PARTS,	/* those that were not are to be merged again */
	SCHEMA_EXPIRE_ASIDE,	/* ?1 the first slot to stay of such parts */
	SCHEMA_LARGEST_NODE,	/* id, uid, bytes */
	SCHEMA_NODE_UID,	/* ?1 id: uid */
	SCHEMA_SET_MARK,	/* ?1 uid, ?2 session, ?3 frame, ?4 real ns, ?5 before */
	SCHEMA_NEW_MARK,	/* the same without ?5 */
	SCHEMA_GET_MARK,	/* ?1 uid, ?2 session: frame */
	SCHEMA_TRIM_MARKS,	/* ?1 uid, ?2 how many of its sessions stay */
	SCHEMA_EXPIRE_MARKS,	/* ?1 the first real ns to stay */
	SCHEMA_STATEMENTS
};

extern const char *const schema_sql[SCHEMA_STATEMENTS];

/* Of a table of a tier: ?1 key, ?2 data; ?1 key; ?1 key: the first one from it on; ?1 from
 * this key, ?2 to before this one, ?3 how many: the oldest go; ?1 node, then likewise; ?1
 * after this key: id, data.
 */
extern const char *const schema_put_chunk[TIERS];
extern const char *const schema_get_chunk[TIERS];
extern const char *const schema_next_chunk[TIERS];
extern const char *const schema_drop_chunks[TIERS];
extern const char *const schema_drop_node[TIERS];

static inline int64_t schema_key(uint64_t slot, int64_t node)
{
	return (int64_t)(slot << SCHEMA_NODE_BITS) | node;
}

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_SCHEMA_H */
