// SPDX-License-Identifier: GPL-2.0-or-later
#include <ktach/wire.h>

#include "collector/schema.h"

/* A row's place in the file is its key: what is read together lies together. */
#define SAMPLE                                                              \
	"node INTEGER NOT NULL REFERENCES node, real_ns INTEGER NOT NULL, " \
	"mono_ns INTEGER NOT NULL, origin INTEGER NOT NULL, "

const char schema_create[] =
	"CREATE TABLE node(id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, "
	"name TEXT NOT NULL, version TEXT NOT NULL, first_real_ns INTEGER, "
	"last_real_ns INTEGER);"
	"CREATE TABLE origin(origin INTEGER PRIMARY KEY, name TEXT NOT NULL);"
	"INSERT INTO origin VALUES(1,'ring'),(2,'proc'),(3,'bpf'),"
	"(4,'shipper');"
	"CREATE TABLE cpu(" SAMPLE "cpu INTEGER NOT NULL, flags INTEGER, "
	"user_ns INTEGER, nice_ns INTEGER, system_ns INTEGER, idle_ns INTEGER, "
	"iowait_ns INTEGER, irq_ns INTEGER, softirq_ns INTEGER, "
	"steal_ns INTEGER, guest_ns INTEGER, guest_nice_ns INTEGER, "
	"PRIMARY KEY(node, real_ns, cpu)) WITHOUT ROWID;"
	"CREATE TABLE softirq(" SAMPLE "cpu INTEGER NOT NULL, flags INTEGER, "
	"hi INTEGER, timer INTEGER, net_tx INTEGER, net_rx INTEGER, "
	"block INTEGER, irq_poll INTEGER, tasklet INTEGER, sched INTEGER, "
	"hrtimer INTEGER, rcu INTEGER, "
	"PRIMARY KEY(node, real_ns, cpu)) WITHOUT ROWID;"
	"CREATE TABLE net(" SAMPLE "ifindex INTEGER NOT NULL, "
	"rx_bytes INTEGER, rx_packets INTEGER, rx_bytes_per_s INTEGER, "
	"rx_packets_per_s INTEGER, tx_bytes INTEGER, tx_packets INTEGER, "
	"tx_bytes_per_s INTEGER, tx_packets_per_s INTEGER, name TEXT, "
	"PRIMARY KEY(node, real_ns, ifindex)) WITHOUT ROWID;"
	"PRAGMA user_version=1;";

_Static_assert(SCHEMA_VERSION == 1, "user_version above");
_Static_assert(WIRE_CPU_REQUIRED == 12, "columns of cpu");
_Static_assert(WIRE_SOFTIRQ_REQUIRED == 12, "columns of softirq");
_Static_assert(WIRE_NET_REQUIRED == 9 && WIRE_NET_TEXTS == 1, "columns of net");

const char schema_put_node[] =
	"INSERT INTO node(uid, name, version, first_real_ns, last_real_ns) "
	"VALUES(?1, ?2, ?3, ?4, ?4) ON CONFLICT(uid) DO UPDATE SET "
	"name=?2, version=?3, last_real_ns=max(last_real_ns, ?4) RETURNING id";

const char schema_sessions[] =
	"CREATE TABLE IF NOT EXISTS session(node BLOB NOT NULL, "
	"session INTEGER NOT NULL, stored INTEGER NOT NULL, "
	"real_ns INTEGER NOT NULL, PRIMARY KEY(node, session)) WITHOUT ROWID;";

const char schema_mark[] =
	"INSERT INTO session SELECT ?1, ?2, ?3, ?4 WHERE ?5=0 OR EXISTS "
	"(SELECT 1 FROM session WHERE node=?1 AND session=?2) "
	"ON CONFLICT(node, session) DO UPDATE SET stored=?3, real_ns=?4 "
	"WHERE stored=?5 AND stored<?3";

const char schema_marked[] =
	"SELECT stored FROM session WHERE node=?1 AND session=?2";

const char schema_all_marks[] = "SELECT node, session, stored FROM session";

const char schema_expire_marks[] = "DELETE FROM session WHERE real_ns<?1";

const char schema_next_node[] =
	"SELECT id FROM node WHERE id > ?1 ORDER BY id LIMIT 1";

/* OR IGNORE: a sender whose clock was set back may come to a time again. */
const char *const schema_insert[SCHEMA_TABLES] = {
	[SCHEMA_CPU] = "INSERT OR IGNORE INTO cpu "
		       "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[SCHEMA_SOFTIRQ] = "INSERT OR IGNORE INTO softirq "
			   "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[SCHEMA_NET] = "INSERT OR IGNORE INTO net "
		       "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
};

#define EXPIRE(table, key)                                         \
	"DELETE FROM " table " WHERE (node, real_ns, " key ") IN " \
	"(SELECT node, real_ns, " key " FROM " table               \
	" WHERE node=?1 AND real_ns<?2 LIMIT 2000)"

_Static_assert(SCHEMA_EXPIRE_ROWS == 2000, "LIMIT above");

const char *const schema_expire[SCHEMA_TABLES] = {
	[SCHEMA_CPU] = EXPIRE("cpu", "cpu"),
	[SCHEMA_SOFTIRQ] = EXPIRE("softirq", "cpu"),
	[SCHEMA_NET] = EXPIRE("net", "ifindex"),
};
