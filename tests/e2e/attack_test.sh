#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node that sends what costs a collector most: tests/e2e/attacker.c. Others are
# served meanwhile, memory comes back, and the log names who it was.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/attack.sh

collector_start --history-memory 1 --unsealed
stay_cold
attack "rows times samples" poison 240000 7600
attack "values without end" cells 100
check "values without end: who sent them is told" grep -q "node 63636363-.* dropped (budget)" "$work/collector.log"
is "$(grep -c 'dropped (budget)' "$work/collector.log")" 1 "values without end: once"
check "values without end: it is the node's loss" api losses '.nodes[] | select(.id | startswith("63636363")) | .loss.budget > 0'
attack "sessions without end" sessions 30000
is "$(grep -c "node 73737373-.* sessions within a minute" "$work/collector.log")" 1 "sessions without end: who begins them is told, once"

# These go when their node has been silent for a while.
"$B/tests/e2e/attacker" falling "$feed" 200000 >/dev/null
many_rows() { [ "$(memory_kb VmRSS)" -gt $((2 * before_kb)) ]; }
check "rows of one node take memory" wait_for 60 many_rows
attack "a build host" churn 3600 20 10
node=$(sqlite3 "$work/data/history.db" "select id from node where name = 'builder'")
merged() { [ "$(sqlite3 "$work/data/history.db" "select (select count(*) from part where node = $node) = 0 and count(*) > 0 from raw where id & 16777215 = $node")" = 1 ]; }
check "a build host: its hour is merged" wait_for 120 merged
bytes=$(sqlite3 "$work/data/history.db" "select bytes from node where id = $node")
check "a build host: at most 3 bytes a value on disk ($bytes for 504000)" [ "$bytes" -le $((3 * 504000)) ]

check "the log is short: $(wc -l <"$work/collector.log") lines" [ "$(wc -l <"$work/collector.log")" -le $((12 + SECONDS / 60)) ]
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
is "$(sqlite3 "$work/data/history.db" "select max(n) from (select count(*) as n from session group by node)")" 128 \
	"few sessions a node are kept"
check "the history is whole" "$B/ktach-collector" check --data "$work/data"

# A million sessions of before cost the start nothing.
sqlite3 "$work/data/history.db" "insert into session
	select x'61616161616161616161616161616161', value, 1, 1 from generate_series(1, 1000000)"
collector_start --unsealed
"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/good" 1 100 5000 5 >"$work/good.out" 2>&1
is "$(tail -n 1 "$work/good.out")" "shed 0 0 failed 0 left 0" "and senders are acknowledged"
kill "$collector"
wait "$collector"
done_testing
