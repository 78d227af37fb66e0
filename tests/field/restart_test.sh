#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is known of nodes outlives the collector: names, last values, losses, how
# far their frames came. What was sent meanwhile over UDP is lost, and counted.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
a=61616161-6161-6161-6161-616161616161 b=62626262-6262-6262-6262-626262626262
c=63636363-6363-6363-6363-636363636363

# host OPTIONS: sends its frames, and ends.
host() { python3 tests/field/node.py "$1" "$feed" --every 0.01 "${@:2}" >/dev/null; }
metric() { curl -fs "http://$http/metrics" | grep -c "$@"; }
sum() { api "losses/$1?from=-1h" | jq '[.steps[].lost] | add // 0'; }

# stop SIGNAL: the collector, once all that came is in the history.
stop() {
	wait_for 10 api health '.store.queued == 0'
	sleep 0.3 # taken, not committed
	wait_for 10 api health '.store.queued == 0'
	kill "-$1" "$collector"
	wait "$collector" 2>/dev/null
}

collector_start
host udp --id a --name one --first 3 --count 10 --load 250
host tcp --id b --name two --count 10
check "two nodes send" wait_for 5 api nodes '[.nodes[].received] == [10, 10]'
check "what was sent before the first frame that came is lost" api nodes/one '.loss.lost == 2'
"$B/ktach-shipper" --collector "127.0.0.1:$feed" --name three --state "$work/state" --no-net --process-count 3 \
	--interval 500ms --ship 500ms >"$work/shipper" 2>&1 &
shipper=$!
pids+=("$shipper")
check "a real host, too" wait_for 20 api nodes/three '.cpu_busy != null and .received > 3'
kill $shipper
wait $shipper 2>/dev/null
check "it says that it ends" wait_for 20 api nodes/three '.state == "ended"'
api nodes/three >"$work/before"
stop TERM

collector_start
check "all three are there, and away" api nodes '[.nodes[] | .name + " " + .state] | sort ==
	["one gone", "three ended", "two gone"]'
check "with their last values and losses" \
	wait_for 5 api nodes/one '.gauges.load_1min == 2.5 and .received == 10 and .loss.lost == 2'
check "history goes by name" api 'history?node=one&metric=load_1min&from=-5m' '.series[0].values | map(select(. != null)) | first == 2.5'
is "$(metric 'ktach_node_fresh{.*} 0$')" 3 "/metrics says that they are silent"
api nodes/three >"$work/after"
for part in facts cpu.cpus softirq.per_s net.interfaces gauges counters_per_s memory disk mount process; do
	same="(.$part) as \$b | (\$a[0].$part) == \$b or (\$a[0].$part | type) != (\$b | type)"
	[ $part != facts ] || same="(.facts | del(.uptime_ns)) == (\$a[0].facts | del(.uptime_ns))"
	check "the real host's $part is what it was" jq -e --slurpfile a "$work/after" "$same" "$work/before"
done
host udp --id a --name one --first 3 --count 10
check "frames that are played again are none of its own" wait_for 5 api health '.dropped.duplicate == 10'
check "and make nobody fresh" api nodes/one '.state == "gone" and .received == 10'
stop KILL

# The sender goes on while nobody listens: 13 to 22 are lost.
collector_start
host udp --id a --name one --first 23 --count 5
check "what was sent while the collector was down is lost, and counted" \
	wait_for 5 api nodes/one '.received == 15 and .loss.lost == 12 and .state == "fresh"'
host tcp --id b --name two --first 11 --count 5
check "over TCP nothing is" wait_for 5 api nodes/two '.received == 15 and .loss.lost == 0 and .loss.elsewhere == 0'
host tcp --id c --name four --first 8 --count 5
check "a session whose beginning is elsewhere says so" \
	wait_for 5 api nodes/four '.loss.lost == 0 and .loss.elsewhere == 7 and .shared.from_sequence == 8'
stop KILL

collector_start
check "killed, it knows as much" api nodes/one '.received == 15 and .loss.lost == 12 and .state == "gone"'
host udp --id a --name one --first 28 --count 5
check "and goes on from there" wait_for 5 api nodes/one '.received == 20 and .loss.lost == 12'
stop TERM
collector_start
is "$(sum one)" 12 "losses by the minute are those"
is "$(sum $a)" 12 "by its id, too"
is "$(sum two)" 0 "and none of another's"
sqlite3 "$work/data/history.db" 'select count(*) from account' >"$work/accounts"
is "$(cat "$work/accounts")" 4 "an account for each node"
[ -n "$b$c" ]

# As a version before 4 left it: nothing is known of nodes but what frames of the log say,
# and of what was folded a row. One of them is of 2099 by its clock.
stop TERM
sqlite3 "$work/data/history.db" "$(for table in part raw minute five; do
	for event in put change go; do echo "drop trigger ${table}_$event;"; done
done) drop table aside; drop table account; drop table latest; alter table node drop column bytes; alter table loss drop column budget;
	insert into node values(77, x'77777777777777777777777777777777', 'five', '0.1.0', 4070908800000000000, 4070908800000000000, 0);
	pragma user_version=3"
collector_start
check "nodes of an older version's history are gone, whether folded or not" api nodes '[.nodes[] | .name + " " + .state] | sort ==
	["five gone", "four gone", "one gone", "three gone", "two gone"]'
check "their history goes by name" api 'history?node=one&metric=load_1min&from=-5m' '.series[0].values | map(select(. != null)) | first == 2.5'
check "/metrics has them" [ "$(metric 'ktach_node_fresh{.*} 0$')" = 5 ]
done_testing
