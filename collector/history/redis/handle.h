/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history in Redis or Valkey, one server or a cluster. Keys, each PREFIX:{TAG}:NAME
 * with the tag of a node's bucket (collector/history/redis/slot.h):
 *
 *   own              "EPOCH.TURN.WHO": who writes here, see script.h
 *   mark             HASH node, session -> sequence, real ns
 *   sessions:NODE    SET of those sessions
 *   account          HASH node -> real ns, bytes
 *   latest           HASH node -> bytes
 *   log              STREAM of rows, their numbers as ids
 *   node             HASH node -> first, last ns, folded, name, version
 *   size             ZSET node, bytes in parts and chunks
 *   part:NODE:HOUR   LIST of parts
 *   aside:NODE:HOUR  LIST of those that are set aside
 *   TIER:NODE:HOUR   STRING, a chunk: raw, minute, five
 *   hours:WHAT       ZSET of NODE:HOUR by hour, of each of these five
 *   parts            ZSET of NODE:HOUR by how many parts there are
 *   partbytes        ZSET of NODE:HOUR by their bytes
 *   loss:NODE        HASH minute -> counts
 *   losses           ZSET of NODE:MINUTE by minute
 *   asides           ZSET of NODE:NUMBER, frames set aside at that row of the log, by time
 *   frames           HASH NODE:NUMBER -> version "\n" row of frames
 *
 * and with the tag "control":
 *
 *   layout           "ktach 1"; "ktach 1 fleet" where several collectors write: then
 *                    there is neither lock nor epoch, and work is of each bucket
 *   lock             who writes; with a time to live
 *   epoch            how often somebody took it
 *   work             what is being folded or merged
 *   tried            version, memory: who tried all that is set aside
 *
 * Integers in values are 8 bytes, big endian. NODE in a key is 32 hexadecimal digits, in a
 * field 16 bytes.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_HANDLE_H
#define KTACH_COLLECTOR_HISTORY_REDIS_HANDLE_H

#include "collector/history/engine.h"
#include "collector/history/redis/link.h"
#include "collector/history/redis/script.h"
#include "collector/history/redis/slot.h"

enum handle_limits {
	SERVERS_MAX = 256,
	NODE_HEX_SIZE = 2 * WIRE_ID_SIZE + 1,
	KEY_SIZE = 192,
	MEMBER_SIZE = NODE_HEX_SIZE + 21,
	WORK_SIZE = 96,
	TOKEN_SIZE = 64,
};

/* Of what there are hours; those of enum tier and ENGINE_PARTS come first. */
enum {
	HOURS_ASIDE = ENGINE_PIECES,
	HOURS_KINDS
};

/* A server that has, or had, some slots. */
struct server {
	char host[PLACE_HOST_SIZE];
	struct link link;
	unsigned int replicas;
	bool master;
	bool waits; /* something was written to it in this round */
	bool loaded;
	uint64_t again_ns; /* not before it is tried again */
	unsigned int turn;
};

enum call_state {
	CALL_READY, /* to be sent */
	CALL_SENT,
	CALL_DONE,
	CALL_LOST, /* it was sent, and nobody knows what became of it */
};

/**
 * struct call - a command under way
 * @bucket: whose keys it has
 * @from: its arguments, in the handle's
 * @to: their end
 * @argc: so many
 * @script: it runs this one; -1: none
 * @name: of its command, which says what an answer has to be; NULL: of a script
 * @asked: a server where its slot is moving to; -1: none
 * @server: that it was sent to
 * @state: how far it is
 * @reply: once it is done
 */
struct call {
	unsigned int bucket;
	size_t from;
	size_t to;
	unsigned int argc;
	int script;
	const char *name;
	int asked;
	int server;
	enum call_state state;
	redisReply *reply;
};

/* Where a walk was ended, see rows of walk.c. */
struct walk_place {
	int what;
	int64_t at;
	uint64_t hour;
	unsigned int bucket;
	char member[MEMBER_SIZE];
	size_t part;
};

/* What a bucket has of something. */
struct bounds {
	uint64_t oldest;
	uint64_t newest; /* less than @oldest: nothing */
};

/**
 * struct inspection - what masters were found to have
 * @masters: of them
 * @fewest: replicas that any of them has
 * @most: likewise
 * @without_log: one that keeps no append-only file; "": none
 * @without_fsync: one whose file is not written at once
 * @left: bytes until the fullest one is
 * @all: what that may have; 0: not known
 */
struct inspection {
	unsigned int masters;
	unsigned int fewest;
	unsigned int most;
	char without_log[PLACE_HOST_SIZE];
	char without_fsync[PLACE_HOST_SIZE];
	uint64_t left;
	uint64_t all;
};

/**
 * struct redis - a handle
 * @engine: what the rest of the history knows of it
 * @place: where
 * @text: as the setting has it
 * @password: "": none
 * @servers: known ones
 * @server_count: of them
 * @owner: of each slot; -1: not known
 * @cluster: it is one
 * @stale: the slots' owners are to be asked for
 * @stale_ns: when they were asked last
 * @copies: servers that must have a commit
 * @tags: of buckets
 * @slots: of these
 * @sha: of scripts
 * @args: of calls
 * @calls: struct call
 * @no_memory: an argument could not be put
 * @writing: it writes
 * @who: it is, as no other handle
 * @holder: what the lock has then
 * @epoch: its; where several collectors write, of the last claim
 * @fleet: several do
 * @spread: over so many buckets nodes are
 * @mine: buckets that are written, or, of a handle that reads, all
 * @rank: how many of them come before
 * @fenced: somebody else has taken it, as a server said
 * @taken: somebody else had it since it was taken last
 * @turn: how often an answer was lost
 * @renewed_ns: when the lock was last
 * @gone: somebody else has it
 * @held: replies in memory
 * @rows: of the log, under way, by bucket
 * @order: for commits
 * @newest: rows of the log, by bucket
 * @trimmed: rows before are gone there
 * @trim: rows before this one are to go
 * @bounds: by what and bucket
 * @known: @bounds says something
 * @before: what the process before did not end, by the bucket that told
 * @work: what is under way
 * @work_bucket: where that is told
 * @walk: how far the last walk came
 * @bytes: of parts and chunks
 * @bytes_known: @bytes says something
 * @states_ns: accounts before are gone
 * @minute: losses before are
 * @seen: what its servers have
 * @problem: what went wrong last
 */
struct redis {
	struct engine engine;
	struct place place;
	char text[PATH_MAX];
	char password[256];
	struct server *servers[SERVERS_MAX];
	int server_count;
	int16_t owner[SLOTS];
	bool cluster;
	bool stale;
	uint64_t stale_ns;
	unsigned int copies;
	char tags[BUCKETS_ALL][SLOT_TAG_SIZE];
	uint16_t slots[BUCKETS_ALL];
	char sha[SCRIPTS][41];
	struct buffer args;
	struct buffer calls;
	bool no_memory;
	bool writing;
	uint64_t who;
	char holder[160];
	uint64_t epoch;
	bool fleet;
	unsigned int spread;
	bool mine[BUCKETS];
	uint16_t rank[BUCKETS];
	bool fenced[BUCKETS];
	bool taken[BUCKETS];
	uint64_t turn;
	uint64_t renewed_ns;
	bool gone;
	struct link_held held;
	struct buffer rows[BUCKETS];
	struct buffer order;
	uint64_t newest[BUCKETS];
	uint64_t trimmed[BUCKETS];
	uint64_t trim;
	struct bounds bounds[HOURS_KINDS][BUCKETS];
	bool known[BUCKETS];
	char before[BUCKETS_ALL][WORK_SIZE];
	char work[WORK_SIZE];
	unsigned int work_bucket;
	struct walk_place walk;
	uint64_t bytes;
	bool bytes_known;
	uint64_t states_ns;
	uint64_t minute;
	struct inspection seen;
	char problem[256];
};

static inline struct redis *redis_of(struct engine *e)
{
	return (struct redis *)e;
}

static inline unsigned int bucket_of(const struct redis *r, const uint8_t *node)
{
	return groups_partition(node) / (GROUPS_PARTITIONS / r->spread);
}

/* The first one of its own from one on; BUCKETS: there is none. */
static inline unsigned int bucket_next(const struct redis *r,
				       unsigned int bucket)
{
	while (bucket < BUCKETS && !r->mine[bucket])
		bucket++;
	return bucket;
}

/* Nodes are over so many buckets, and all of them are its own. */
void handle_spread(struct redis *r, unsigned int buckets);

/* After a change of @mine. */
void handle_rank(struct redis *r);

/* Keep what went wrong. Return -EIO. */
int handle_fail(struct redis *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What "own" of a bucket has while this handle writes. */
void handle_token(const struct redis *r, char text[TOKEN_SIZE]);

/* Whether it has what a handle has put there. */
bool handle_is_own(const struct redis *r, const char *own);

void handle_hex(const uint8_t *node, char hex[NODE_HEX_SIZE]);

/* "NODE:NUMBER" of an index, and back. Return 0 or -EINVAL: it is none that was made so. */
void handle_member(const uint8_t *node, uint64_t number,
		   char member[MEMBER_SIZE]);
int handle_split(const char *member, size_t size, uint8_t *node,
		 uint64_t *number);

/* 8 bytes, big endian. */
static inline void handle_put64(uint8_t *to, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(to, &v, sizeof(v));
}

static inline uint64_t handle_get64(const void *from)
{
	uint64_t v;

	memcpy(&v, from, sizeof(v));
	return __builtin_bswap64(v);
}

/* The name of what there are hours of. */
extern const char *const hours_name[HOURS_KINDS];

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_HANDLE_H */
