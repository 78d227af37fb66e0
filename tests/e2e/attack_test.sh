#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node that sends what costs a collector most: tests/e2e/attacker.c. Others are
# served meanwhile, memory comes back, and the log names who it was.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

most_kb=$((256 * 1024)) # also what the collector's unit may have
memory_kb() { awk -v what="$1:" '$1 == what { print $2 }' "/proc/$collector/status"; }
settled() { [ "$(memory_kb VmRSS)" -le $((before_kb * 11 / 10)) ]; }
# So that it has what it always needs, and gave back the rest.
warm_up() {
	"$B/tests/e2e/attacker" poison "$feed" 20000 1000 >/dev/null
	"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/good" 1 200 5000 5 >/dev/null 2>&1
	wait_for 30 folded
	sleep 6
	before_kb=$(memory_kb VmRSS)
}
folded() { api nodes ".store.open_bytes < 1000000"; }
# The collector answers within two seconds, each time.
watch_health() {
	while sleep 0.2; do
		curl -fs -m 2 -o /dev/null "http://$http/api/v1/health" || echo missed
	done >"$work/missed"
}

# attack TEXT ARGUMENTS...: with a good sender at the same time. The collector's
# highest memory is counted anew.
attack() {
	local text=$1 good watch said
	shift
	echo 5 >"/proc/$collector/clear_refs"
	watch_health &
	watch=$!
	"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/good" 1 400 5000 5 >"$work/good.out" 2>&1 &
	good=$!
	said=$("$B/tests/e2e/attacker" "$1" "$feed" "${@:2}" 2>&1)
	ok $? "$text: $said"
	check "$text: what it sent is folded" wait_for 60 folded
	wait $good
	is "$(tail -n 1 "$work/good.out")" "shed 0 0 failed 0 left 0" "$text: a good sender is acknowledged"
	kill $watch
	wait $watch 2>/dev/null
	check "$text: health answers meanwhile" [ ! -s "$work/missed" ]
	check "$text: memory was at most $((most_kb / 1024)) MiB ($(($(memory_kb VmHWM) / 1024)) MiB)" \
		[ "$(memory_kb VmHWM)" -le $most_kb ]
	wait_for "${settle_s:-30}" settled
	ok $? "$text: memory comes back to within 10 % ($before_kb KiB, $(memory_kb VmHWM), $(memory_kb VmRSS))"
}

collector_start --history-memory 1 --unsealed
warm_up
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
check "rows of one node take memory" wait_for 10 many_rows
settle_s=60
attack "a build host" churn 3600 20 10
node=$(sqlite3 "$work/data/history.db" "select id from node where name = 'builder'")
merged() { [ "$(sqlite3 "$work/data/history.db" "select (select count(*) from part where node = $node) = 0 and count(*) > 0 from raw where id & 16777215 = $node")" = 1 ]; }
check "a build host: its hour is merged" wait_for 60 merged
bytes=$(sqlite3 "$work/data/history.db" "select bytes from node where id = $node")
check "a build host: at most 3 bytes a value on disk ($bytes for 504000)" [ "$bytes" -le $((3 * 504000)) ]

check "the log is short: $(wc -l <"$work/collector.log") lines" [ "$(wc -l <"$work/collector.log")" -le 12 ]
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

# One node's samples, dated in the future, take all room: it makes room itself.
rm -rf "$work/data"
collector_start --unsealed --history-memory 1 --history-size 8
warm_up
"$B/tests/e2e/attacker" churn "$feed" 3600 20 10 >/dev/null
kept() {
	sqlite3 "$work/data/history.db" "with b as (select id from node where name = 'builder')
		select (select count(*) from raw, b where raw.id & 16777215 = b.id) +
		(select count(*) from minute, b where minute.id & 16777215 = b.id)"
}
some_kept() { [ "$(kept)" -gt 0 ]; }
check "a build host's hour is kept" wait_for 30 some_kept
had=$(kept)
attack "dated in the future" future 24
small() { api nodes '.store.size < 9000000'; }
check "dated in the future: the history keeps its size" wait_for 60 small
check "dated in the future: who it is, is told" grep -q 'node 66666666-.* has .* MiB: its oldest chunks' "$work/collector.log"
check "dated in the future: others keep theirs ($had, $(kept))" [ "$(kept)" -ge "$had" ]
done_testing
