#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A history of schema 1, which had a row a CPU or interface and sample, is taken
# over with every value; so are the marks of its sessions. What is damaged later
# is found, and repaired.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# Two nodes, three hours of samples every 10 s, as that version wrote them.
sample="node INTEGER NOT NULL REFERENCES node, real_ns INTEGER NOT NULL, mono_ns INTEGER NOT NULL, origin INTEGER NOT NULL"
start=$((($(date +%s) - 20000) * 1000000000))
mkdir "$work/data"
sqlite3 "$work/data/history.db" <<EOF2
PRAGMA journal_mode=WAL;
CREATE TABLE node(id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
	version TEXT NOT NULL, first_real_ns INTEGER, last_real_ns INTEGER);
CREATE TABLE origin(origin INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO origin VALUES(1,'ring'),(2,'proc'),(3,'bpf'),(4,'shipper');
CREATE TABLE cpu($sample, cpu INTEGER NOT NULL, flags INTEGER, user_ns INTEGER, nice_ns INTEGER,
	system_ns INTEGER, idle_ns INTEGER, iowait_ns INTEGER, irq_ns INTEGER, softirq_ns INTEGER,
	steal_ns INTEGER, guest_ns INTEGER, guest_nice_ns INTEGER, PRIMARY KEY(node, real_ns, cpu)) WITHOUT ROWID;
CREATE TABLE softirq($sample, cpu INTEGER NOT NULL, flags INTEGER, hi INTEGER, timer INTEGER,
	net_tx INTEGER, net_rx INTEGER, block INTEGER, irq_poll INTEGER, tasklet INTEGER, sched INTEGER,
	hrtimer INTEGER, rcu INTEGER, PRIMARY KEY(node, real_ns, cpu)) WITHOUT ROWID;
CREATE TABLE net($sample, ifindex INTEGER NOT NULL, rx_bytes INTEGER, rx_packets INTEGER,
	rx_bytes_per_s INTEGER, rx_packets_per_s INTEGER, tx_bytes INTEGER, tx_packets INTEGER,
	tx_bytes_per_s INTEGER, tx_packets_per_s INTEGER, name TEXT, PRIMARY KEY(node, real_ns, ifindex)) WITHOUT ROWID;
CREATE TABLE session(node BLOB NOT NULL, session INTEGER NOT NULL, stored INTEGER NOT NULL,
	real_ns INTEGER NOT NULL, PRIMARY KEY(node, session)) WITHOUT ROWID;
PRAGMA user_version=1;
INSERT INTO node VALUES
	(1, '00000000-0000-0000-0000-00000000000a', 'one', '0.1.0', $start, $start + 1079 * 10000000000),
	(5, '00000000-0000-0000-0000-00000000000b', 'other, "quoted"', '0.1.0', $start, $start + 1079 * 10000000000);
CREATE TEMP TABLE t AS SELECT n.id AS node, value AS i, $start + value * 10000000000 AS real_ns
	FROM node n, generate_series(0, 1079);
INSERT INTO cpu SELECT node, real_ns, i + 1, 1, c.value, 3, i * 4000000, i, i * i, i * 7, 0, 1, 2,
	i * 9223372, 4, i * node FROM t, generate_series(0, 3) c;
INSERT INTO softirq SELECT node, real_ns, i + 1, 2, c.value, 3, i, i, 2 * i, 3 * i, 0, 0, 1, i, 5, c.value
	FROM t, generate_series(0, 3) c;
INSERT INTO net SELECT node, real_ns, i + 1, 3, 2, i * 1000, i, 100, 10, i * 2000, i, 200, 20, 'eth0' FROM t;
INSERT INTO session VALUES(x'0000000000000000000000000000000a', 77, 1234, $start);
EOF2
cp "$work/data/history.db" "$work/old.db"

collector_start
is "$(grep -c 'bringing schema 1 up to 5' "$work/collector.log")" 1 "the log says that it takes a while"
merged() { [ "$(sqlite3 "$work/data/history.db" 'select count(*) < 3 and (select count(*) from five) >= 4 from part')" = 1 ]; }
check "hours that are over become chunks and rollups" wait_for 30 merged
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"

rows=$(history_rows "$work/data")
for table in cpu softirq net; do
	columns=$(sqlite3 "$work/old.db" "select group_concat(name) from pragma_table_info('$table')
		where name not in ('node', 'origin')")
	differ=$(sqlite3 "$rows" "attach '$work/old.db' as old;
		create temp table was as select n.uid, n.name as host, o.name as origin_name, $(sed "s/\([a-z_0-9]*\)/x.\1/g" <<<"$columns")
			from old.$table x join old.node n on n.id = x.node join old.origin o on o.origin = x.origin;
		create temp table now as select node, node_name, origin, $columns from main.$table;
		select (select count(*) from was), (select count(*) from now),
			(select count(*) from (select * from was except select * from now))")
	[ "$table" = net ] && n=2160 || n=8640
	is "$differ" "$n|$n|0" "$table: every row is there, with its values"
done
is "$(sqlite3 "$rows" 'select session, stored from session')" "77|1234" "the session's mark is there"

# Version 4 did not count the bytes of a node, version 2 had no losses either.
before_5="$(for table in part raw minute five; do
	for event in put change go; do echo "drop trigger ${table}_$event;"; done
done) drop table aside; alter table node drop column bytes;"
sqlite3 "$work/data/history.db" "$before_5 alter table loss drop column budget; pragma user_version=4"
collector_start
kill "$collector"
wait "$collector"
is "$(sqlite3 "$work/data/history.db" 'pragma user_version; select count(*) from aside;
	select min(bytes) > 0 and sum(bytes) = (select coalesce(sum(length(data)), 0) from part) + (select sum(length(data)) from raw) +
		(select sum(length(data)) from minute) + (select sum(length(data)) from five) from node')" \
	"5
0
1" "a history of schema 4 is brought up, and the bytes of its nodes are counted"
sqlite3 "$work/data/history.db" "$before_5 drop table loss; pragma user_version=2"
"$B/ktach-collector" export --data "$work/data" >/dev/null 2>"$work/err"
is "$? $(grep -c 'has schema 2, this program knows 5' "$work/err")" "1 1" "export reads no older version"
collector_start
kill "$collector"
wait "$collector"
is "$(sqlite3 "$work/data/history.db" 'pragma user_version; select count(*) from loss; select count(*) from five')" \
	"5
0
$(sqlite3 "$work/data/history.db" 'select count(*) from raw')" "a history of schema 2 is brought up, too, and keeps its chunks"

"$B/ktach-collector" check --data "$work/data" >"$work/check"
is "$? $(grep -c ' 0 damaged' "$work/check")" "0 1" "check finds it whole"

# Spread over three files: both nodes go elsewhere, and come back.
rows=$(history_rows "$work/data")
cp "$rows" "$work/before.db"
for writers in 3 1; do
	collector_start --history-writers $writers
	check "$writers writers: the nodes move" wait_for 30 grep -q "all nodes are in their groups" "$work/collector.log"
	kill "$collector"
	wait "$collector"
	rows=$(history_rows "$work/data")
	is "$(sqlite3 "$rows" "attach '$work/before.db' as old;
		select (select count(*) from cpu), (select count(*) from (select * from cpu except select * from old.cpu))")" \
		"8640|0" "with every row"
	is "$("$B/ktach-collector" check --data "$work/data" | grep -c ' 0 damaged')" 3 "and each file is whole"
done
is "$(sqlite3 "$work/data/history.db" 'select count(*) from five') $(sqlite3 "$work/data/group-2/history.db" 'select count(*) from raw')" \
	"$(sqlite3 "$work/data/history.db" 'select count(*) from raw') 0" "back in one file"
sqlite3 "$work/data/history.db" "update raw set data = zeroblob(100) where id = (select min(id) from raw)"
"$B/ktach-collector" check --data "$work/data" >"$work/check" 2>/dev/null
is "$? $(grep -c '^damaged: row .* of table raw$' "$work/check")" "1 1" "check finds what is damaged"
"$B/ktach-collector" export --data "$work/data" >"$work/csv" 2>"$work/err"
is "$? $(grep -c 'is damaged' "$work/err")" "1 1" "export leaves it out, and says so"
"$B/ktach-collector" check --repair --data "$work/data" >"$work/check" 2>/dev/null
is "$? $(grep -c ', deleted$' "$work/check")" "0 1" "--repair deletes it"
"$B/ktach-collector" check --data "$work/data" >/dev/null
is $? 0 "and the rest is whole"

# What SQLite itself can't read: an index that is overwritten, a file that was cut.
# count: rows of chunks.
count() { sqlite3 "$work/data/history.db" 'select (select count(*) from raw) + (select count(*) from minute) + (select count(*) from five)'; }
rows=$(count)
page=$(sqlite3 "$work/data/history.db" "pragma wal_checkpoint(truncate); select rootpage from sqlite_master where name = 'part_slot'" | tail -n 1)
head -c 4096 /dev/urandom | dd of="$work/data/history.db" bs=4096 seek=$((page - 1)) conv=notrunc status=none
"$B/ktach-collector" check --data "$work/data" >"$work/check" 2>"$work/err"
is "$? $(grep -c 'repair saves what can be' "$work/err")" "1 1" "check finds a damaged index"
"$B/ktach-collector" check --repair --data "$work/data" >"$work/check" 2>"$work/err"
is "$? $(count)" "0 $rows" "--repair makes a history of it with all of its rows"
cp "$work/data/history.db" "$work/whole.db"
truncate -s -8192 "$work/data/history.db"
"$B/ktach-collector" check --repair --data "$work/data" >"$work/check" 2>"$work/err"
is $? 0 "--repair takes what is left of a file that was cut"
check "which is something ($(count) of $rows rows)" [ "$(count)" -gt 0 ]
check "and the old one is kept" cmp -n "$(stat -c %s "$work/data/history.db.damaged")" "$work/whole.db" "$work/data/history.db.damaged"
"$B/ktach-collector" check --data "$work/data" >/dev/null
is $? 0 "and whole"
head -c 4096 /dev/urandom >"$work/data/history.db"
"$B/ktach-collector" check --repair --data "$work/data" >"$work/check" 2>"$work/err"
is "$? $(grep -c 'nothing could be saved' "$work/err") $(stat -c %s "$work/data/history.db")" "1 1 4096" "nothing takes the place of what can't be read at all"
done_testing
