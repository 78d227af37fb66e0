#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nodes that restart, that have one id, whose clock jumps; and a collector whose
# clock jumps: nothing that was acknowledged is lost or doubled, and no figure is
# of two nodes at once.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# feed NAME FIRST COUNT ARGUMENTS...: by TCP, as the node of $work/NAME.
feed() {
	"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/$1" "$2" "$3" 2000 5 "${@:4}" \
		>>"$work/$1.out" 2>>"$work/$1.err"
}

# node_id NAME: of its state folder.
node_id() { cat "$work/$1/node-id"; }

# rows NAME SQL: of that node's history.
rows() {
	local folder=$work/rows.$1
	rm -rf "$folder"
	mkdir "$folder"
	"$B/ktach-collector" export --data "$work/data" --table cpu --node "$(node_id "$1")" >"$folder/csv" &&
		sqlite3 "$folder/db" ".mode csv" ".import '$folder/csv' cpu" ".mode list" "$2"
}

once="select count(*), count(distinct mono_ns), min(mono_ns + 0), max(mono_ns + 0) from cpu"
all_acknowledged() {
	is "$(grep -c 'shed 0 0 failed 0 left 0' "$work/$1.out")" "$2" "$1: all was acknowledged"
}

# --- The collector's clock: two hours ahead, then an hour and a half behind.
cc -shared -fPIC -O1 -o "$work/clock.so" tests/e2e/preload/clock.c -ldl || exit 1
echo 0 >"$work/offset"
mkdir "$work/bin"
printf '#!/bin/sh\nLD_PRELOAD=%s KTACH_CLOCK=%s exec %s/ktach-collector "$@"\n' \
	"$work/clock.so" "$work/offset" "$PWD/$B" >"$work/bin/ktach-collector"
chmod +x "$work/bin/ktach-collector"
programs=$B
B=$work/bin
collector_start --workers 2 --keep 3650d
B=$programs
feed clock 1 2000 &
feeder=$!
wait_for 20 grep -q '^done 600' "$work/clock.out"
echo 7200 >"$work/offset"
check "clock: the collector's jumped ahead" wait_for 20 api nodes ".now_ns / 1e9 > $(date +%s) + 7000"
check "clock: the node is as fresh as before" api nodes '.nodes[0].state == "fresh" and .nodes[0].age_ns < 3e9'
wait_for 20 grep -q '^done 1200' "$work/clock.out"
echo -5400 >"$work/offset"
check "clock: the collector's jumped back" wait_for 20 api nodes ".now_ns / 1e9 < $(date +%s)"
wait $feeder
all_acknowledged clock 1

# --- A node whose own clock jumps.
feed jumps 1 1500 jumping
all_acknowledged jumps 1

# --- A node that restarts: killed, and its next session goes on.
feed restarts 1 100000 &
feeder=$!
wait_for 20 grep -q '^done 300' "$work/restarts.out"
kill -9 "$(pgrep -P $feeder -f feeder)" 2>/dev/null || kill -9 $feeder
wait $feeder 2>/dev/null
first=$(awk '/^done/ { n = $2 } END { print n + 1 }' "$work/restarts.out")
feed restarts "$first" 500
check "restarts: the node has its second session" wait_for 10 api "nodes/$(node_id restarts)" '.sessions == 2'
is "$(grep -c 'shed 0 0 failed 0 left 0' "$work/restarts.out")" 1 "restarts: the second one's are acknowledged"

# --- Two senders with one id, by TCP.
feed twins 1 500 &
sender=$!
wait_for 20 test -s "$work/twins/node-id"
mkdir "$work/twins2"
cp "$work/twins/node-id" "$work/twins2"
feed twins2 1000001 500 &
wait $sender $!
all_acknowledged twins 1
all_acknowledged twins2 1

# --- Two with one id, by UDP: of one at a time, and the other is counted.
for i in 1 2; do
	"$B/tests/e2e/fleet" 127.0.0.1 "$feed" 1 2 50 50 &
	fleets[i]=$!
done
wait "${fleets[@]}"
check "by UDP: each frame is taken, or counted as another's" \
	wait_for 10 api nodes/node-00000 '.loss.received + .loss.straggler == 100'
check "by UDP: no share is above one" api nodes/node-00000 '.cpu_busy == null or .cpu_busy <= 1'
is "$(api nodes | jq -c '[.nodes[] | select(.version == "fleet")] | length')" 1 "by UDP: it is one node"

# --- What is kept of all that.
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
is "$(rows clock "$once")" "4000|2000|1|2000" "clock: each sample is there, once"
is "$(rows jumps "$once")" "3000|1500|1|1500" "jumps: each sample is there, once"
is "$(rows jumps "select count(distinct cast(real_ns as integer) - cast(mono_ns as integer)) from cpu")" 3 \
	"jumps: with the times that it said"
is "$(rows twins "$once")" "2000|1000|1|1000500" "twins: each sample of both is there, once"
# What the killed one had not sent is lost with it.
is "$(rows restarts "$once where mono_ns + 0 >= $first")" "1000|500|$first|$((first + 499))" \
	"restarts: each sample of the second session is there, once"
is "$(rows restarts "select count(*) - 2 * count(distinct mono_ns) from cpu")" 0 "restarts: none is there twice"
check "the history is whole" into "$work/check.out" "$B/ktach-collector" check --data "$work/data"
done_testing
