// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/sqlite/schema.h"
#include "collector/base/loss.h"

/* A row a minute, in the order of enum loss_cause. */
#define LOSS                                                              \
	"CREATE TABLE loss(node BLOB NOT NULL, minute INTEGER NOT NULL, " \
	"received INTEGER NOT NULL, lost INTEGER NOT NULL, "              \
	"late INTEGER NOT NULL, send_failed INTEGER NOT NULL, "           \
	"queue INTEGER NOT NULL, spool INTEGER NOT NULL, "                \
	"size INTEGER NOT NULL, unknown_key INTEGER NOT NULL, "           \
	"cpu INTEGER NOT NULL, "                                          \
	"softirq INTEGER NOT NULL, net INTEGER NOT NULL, "                \
	"budget INTEGER NOT NULL DEFAULT 0, "                             \
	"PRIMARY KEY(node, minute)) WITHOUT ROWID;"                       \
	"CREATE INDEX loss_minute ON loss(minute);"

const char schema_create_loss[] = LOSS;

/* Their blobs are those of collector/state/state.h. */
#define STATE                                                                 \
	"CREATE TABLE IF NOT EXISTS account(node BLOB NOT NULL PRIMARY KEY, " \
	"real_ns INTEGER NOT NULL, data BLOB NOT NULL) "                      \
	"WITHOUT ROWID;"                                                      \
	"CREATE TABLE IF NOT EXISTS latest(node BLOB NOT NULL PRIMARY KEY, "  \
	"data BLOB NOT NULL);"

const char schema_create_state[] = STATE;

/* @node: an expression of a row, new or old. */
#define COUNT(table, node)                                                       \
	"CREATE TRIGGER " table "_put AFTER INSERT ON " table                    \
	" BEGIN UPDATE node SET bytes=bytes+length(new.data) WHERE id=new." node \
	"; END;"                                                                 \
	"CREATE TRIGGER " table "_change AFTER UPDATE OF data ON " table         \
	" BEGIN UPDATE node SET bytes=bytes+length(new.data)"                    \
	"-length(old.data) WHERE id=new." node "; END;"                          \
	"CREATE TRIGGER " table "_go AFTER DELETE ON " table                     \
	" BEGIN UPDATE node SET bytes=bytes-length(old.data) WHERE id=old." node \
	"; END;"

#define ASIDE                                                                  \
	"CREATE TABLE aside(id INTEGER PRIMARY KEY, "                          \
	"real_ns INTEGER NOT NULL, node BLOB NOT NULL, "                       \
	"version TEXT NOT NULL, data BLOB NOT NULL);" COUNT("part", "node")    \
		COUNT("raw", "id & 16777215") COUNT("minute", "id & 16777215") \
			COUNT("five", "id & 16777215")

_Static_assert(SCHEMA_NODE_BITS == 24, "16777215 above");

#define COUNT_NOW(table, node)                                           \
	"UPDATE node SET bytes=bytes+n FROM (SELECT " node " AS owner, " \
	"sum(length(data)) AS n FROM " table                             \
	" GROUP BY owner) WHERE id=owner;"

const char schema_create_bytes[] =
	"ALTER TABLE node ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;" ASIDE
		COUNT_NOW("part", "node") COUNT_NOW("raw", "id & 16777215")
			COUNT_NOW("minute", "id & 16777215")
				COUNT_NOW("five", "id & 16777215");

const char schema_create[] =
	"CREATE TABLE node(id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, "
	"name TEXT NOT NULL, version TEXT NOT NULL, first_real_ns INTEGER, "
	"last_real_ns INTEGER, folded INTEGER NOT NULL DEFAULT 0, "
	"bytes INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE IF NOT EXISTS session(node BLOB NOT NULL, "
	"session INTEGER NOT NULL, stored INTEGER NOT NULL, "
	"real_ns INTEGER NOT NULL, PRIMARY KEY(node, session)) WITHOUT ROWID;"
	"CREATE TABLE log(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
	"CREATE TABLE part(id INTEGER PRIMARY KEY, node INTEGER NOT NULL, "
	"slot INTEGER NOT NULL, data BLOB NOT NULL);"
	"CREATE INDEX part_slot ON part(slot, node);"
	"CREATE TABLE raw(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
	"CREATE TABLE minute(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
	"CREATE TABLE five(id INTEGER PRIMARY KEY, data BLOB NOT NULL);" LOSS
		STATE ASIDE "PRAGMA user_version=5;";

_Static_assert(LOSS_CAUSES == 12, "columns above");
_Static_assert(SCHEMA_VERSION == 5, "user_version above");

/* An id of the log must not come back once its row is gone. */
const char *const schema_sql[SCHEMA_STATEMENTS] = {
	[SCHEMA_PUT_NODE] = "INSERT INTO node(uid, name, version) "
			    "VALUES(?1, '', '') RETURNING id",
	[SCHEMA_ALL_NODES] = "SELECT id, uid, name, version, first_real_ns, "
			     "last_real_ns, folded FROM node ORDER BY id",
	[SCHEMA_FOLDED] =
		"UPDATE node SET folded=max(folded, ?2), "
		"first_real_ns=min(coalesce(first_real_ns, ?3), ?3), "
		"last_real_ns=max(coalesce(last_real_ns, ?4), ?4) WHERE id=?1",
	[SCHEMA_NAME] = "UPDATE node SET name=?2, version=?3 WHERE id=?1 "
			"AND (?4 OR name='')",
	[SCHEMA_FIND_NODE] = "SELECT id, first_real_ns, last_real_ns, folded "
			     "FROM node WHERE uid=?1",
	[SCHEMA_PUT_LOG] = "INSERT INTO log(id, data) VALUES(?1, ?2)",
	[SCHEMA_ALL_LOGS] = "SELECT id, data FROM log ORDER BY id",
	[SCHEMA_LAST_LOG] =
		"SELECT max((SELECT coalesce(max(id), 0) FROM log), "
		"(SELECT coalesce(max(folded), 0) FROM node))",
	[SCHEMA_LOG_BYTES] = "SELECT coalesce(sum(length(data)), 0) FROM log",
	[SCHEMA_TRIM_LOG] = "DELETE FROM log WHERE id<?1",
	[SCHEMA_PUT_PART] =
		"INSERT INTO part(node, slot, data) VALUES(?1, ?2, ?3)",
	[SCHEMA_GET_PARTS] = "SELECT data FROM part WHERE slot=?2 AND node=?1 "
			     "ORDER BY id",
	[SCHEMA_TAKE_PARTS] =
		"DELETE FROM part WHERE id IN (SELECT id FROM part WHERE slot=?2 "
		"AND node=?1 ORDER BY id LIMIT ?3)",
	[SCHEMA_RIPE] = "SELECT uid, slot FROM part CROSS JOIN node "
			"ON node.id=part.node WHERE slot>=0 "
			"GROUP BY slot, node "
			"HAVING slot<?1 OR count(*)>=?2 LIMIT ?3",
	[SCHEMA_NEXT_PART] =
		"SELECT slot FROM part WHERE slot>=?1 ORDER BY slot LIMIT 1",
	/* A collector that is started again within a minute adds to it. */
	[SCHEMA_ADD_LOSS] =
		"INSERT INTO loss VALUES(?14, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		"?9, ?10, ?11, ?12, ?13) ON CONFLICT(node, minute) DO UPDATE SET "
		"received=received+?2, lost=lost+?3, late=late+?4, "
		"send_failed=send_failed+?5, queue=queue+?6, spool=spool+?7, "
		"size=size+?8, unknown_key=unknown_key+?9, cpu=cpu+?10, "
		"softirq=softirq+?11, net=net+?12, budget=budget+?13",
	[SCHEMA_GET_LOSSES] =
		"SELECT minute/?1 AS step, sum(received), sum(lost), sum(late), "
		"sum(send_failed), sum(queue), sum(spool), sum(size), "
		"sum(unknown_key), sum(cpu), sum(softirq), sum(net), "
		"sum(budget) FROM loss "
		"WHERE node=?4 AND minute BETWEEN ?2 AND ?3 "
		"GROUP BY step ORDER BY step",
	[SCHEMA_EXPIRE_LOSSES] = "DELETE FROM loss WHERE minute<?1",
	[SCHEMA_EXPIRE_FUTURE] = "DELETE FROM loss WHERE minute>=?1",
	[SCHEMA_DROP_PARTS] =
		"DELETE FROM part WHERE id IN (SELECT id FROM part "
		"WHERE slot>=?1 AND slot<?2 ORDER BY slot LIMIT ?3)",
	[SCHEMA_DROP_NODE_PARTS] =
		"DELETE FROM part WHERE id IN (SELECT id FROM part WHERE node=?1 "
		"AND slot>=?2 AND slot<?3 ORDER BY slot, id LIMIT ?4)",
	[SCHEMA_PUT_ACCOUNT] =
		"INSERT OR REPLACE INTO account(real_ns, data, node) "
		"VALUES(?1, ?2, ?3)",
	[SCHEMA_PUT_LATEST] = "INSERT OR REPLACE INTO latest(data, node) "
			      "VALUES(?1, ?2)",
	[SCHEMA_ALL_ACCOUNTS] =
		"SELECT node, data FROM (SELECT node, data FROM account "
		"ORDER BY real_ns DESC LIMIT ?1) ORDER BY node",
	[SCHEMA_SOME_LATEST] = "SELECT node, data FROM latest WHERE node>?1 "
			       "ORDER BY node LIMIT ?2",
	[SCHEMA_EXPIRE_LATEST] = "DELETE FROM latest WHERE node IN "
				 "(SELECT node FROM account WHERE real_ns<?1)",
	[SCHEMA_EXPIRE_ACCOUNTS] = "DELETE FROM account WHERE real_ns<?1",
	[SCHEMA_PUT_ASIDE] = "INSERT INTO aside(real_ns, node, version, data) "
			     "VALUES(?1, ?2, ?3, ?4)",
	[SCHEMA_TRIM_ASIDE] = "DELETE FROM aside WHERE id NOT IN (SELECT id "
			      "FROM aside ORDER BY id DESC LIMIT ?1)",
	[SCHEMA_COUNT_ASIDE] =
		"SELECT (SELECT count(*) FROM aside)+(SELECT count(*) FROM "
		"(SELECT DISTINCT slot, node FROM part WHERE slot<0))",
	[SCHEMA_RETRY_ASIDE] = "INSERT INTO log(id, data) SELECT ?2 + "
			       "row_number() OVER (ORDER BY id), data FROM "
			       "aside WHERE version!=?1 OR ?3",
	[SCHEMA_TAKE_ASIDE] = "DELETE FROM aside WHERE version!=?1 OR ?2",
	[SCHEMA_LAST_ASIDE] =
		"SELECT coalesce((SELECT node FROM aside ORDER BY id DESC "
		"LIMIT 1), (SELECT uid FROM node, part WHERE node.id=part.node "
		"AND slot<0 LIMIT 1))",
	[SCHEMA_PARTS_ASIDE] =
		"UPDATE part SET slot=-1-slot WHERE slot=?2 AND node=?1",
	[SCHEMA_RETRY_PARTS] = "UPDATE part SET slot=-1-slot WHERE slot<0",
	[SCHEMA_EXPIRE_ASIDE] = "DELETE FROM part WHERE slot<0 AND slot>-1-?1",
	[SCHEMA_LARGEST_NODE] =
		"SELECT id, uid, bytes FROM node ORDER BY bytes DESC LIMIT 1",
	[SCHEMA_NODE_UID] = "SELECT uid FROM node WHERE id=?1",
	[SCHEMA_SET_MARK] = "UPDATE session SET stored=?3, real_ns=?4 "
			    "WHERE node=?1 AND session=?2 AND stored=?5",
	[SCHEMA_NEW_MARK] =
		"INSERT OR IGNORE INTO session VALUES(?1, ?2, ?3, ?4)",
	[SCHEMA_GET_MARK] =
		"SELECT stored FROM session WHERE node=?1 AND session=?2",
	[SCHEMA_TRIM_MARKS] =
		"DELETE FROM session WHERE node=?1 AND session IN "
		"(SELECT session FROM session WHERE node=?1 "
		"ORDER BY real_ns DESC, session DESC LIMIT -1 OFFSET ?2)",
	[SCHEMA_EXPIRE_MARKS] = "DELETE FROM session WHERE real_ns<?1",
};

#define PUT(table)                                        \
	"INSERT INTO " table "(id, data) VALUES(?1, ?2) " \
	"ON CONFLICT(id) DO UPDATE SET data=?2"

const char *const schema_put_chunk[TIERS] = {
	[TIER_RAW] = PUT("raw"),
	[TIER_MINUTE] = PUT("minute"),
	[TIER_FIVE] = PUT("five"),
};

#define GET(table) "SELECT data FROM " table " WHERE id=?1"

const char *const schema_get_chunk[TIERS] = {
	[TIER_RAW] = GET("raw"),
	[TIER_MINUTE] = GET("minute"),
	[TIER_FIVE] = GET("five"),
};

#define NEXT(table) "SELECT id FROM " table " WHERE id>=?1 ORDER BY id LIMIT 1"

const char *const schema_next_chunk[TIERS] = {
	[TIER_RAW] = NEXT("raw"),
	[TIER_MINUTE] = NEXT("minute"),
	[TIER_FIVE] = NEXT("five"),
};

/* The oldest ones of a tier that are meant. */
#define DROP(table, which, most)                                   \
	"DELETE FROM " table " WHERE id IN (SELECT id FROM " table \
	" WHERE " which " ORDER BY id LIMIT " most ")"
#define DROP_ANY(table) DROP(table, "id>=?1 AND id<?2", "?3")
#define DROP_NODE(table) \
	DROP(table, "(id & 16777215)=?1 AND id>=?2 AND id<?3", "?4")

const char *const schema_drop_chunks[TIERS] = {
	[TIER_RAW] = DROP_ANY("raw"),
	[TIER_MINUTE] = DROP_ANY("minute"),
	[TIER_FIVE] = DROP_ANY("five"),
};

const char *const schema_drop_node[TIERS] = {
	[TIER_RAW] = DROP_NODE("raw"),
	[TIER_MINUTE] = DROP_NODE("minute"),
	[TIER_FIVE] = DROP_NODE("five"),
};
