#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clocks that are wrong: a node's is told and does not get its samples lost; the
# collector's deletes nothing.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
db=$work/data/history.db

host() { background "host.$2" python3 tests/field/node.py udp "$feed" --name "$1" --id "$2" --count 999 --every 0.2 "${@:3}"; }
metric() { curl -fs "http://$http/metrics" | grep -q "$@"; }
offset() { api "nodes/$1" "(.clock_offset_ns / 1e9) as \$s | \$s > $2 - 0.5 and \$s < $2 + 0.5"; }
# row TABLE HOURS: one of so many hours ago, that nothing can be read from.
row() {
	local slot=$(($(date +%s) / 3600 - $2))
	case $1 in
	part) echo "insert into part values(null, 77, $slot, zeroblob(9));" ;;
	*) echo "insert into $1 values(($slot << 24) | 77, zeroblob(9));" ;;
	esac
}
rows() {
	sqlite3 "$db" 'select (select count(*) from raw where id & 16777215 = 77),
		(select count(*) from part where node = 77)'
}

cc -shared -fPIC -O1 -o "$work/clock.so" tests/e2e/preload/clock.c -ldl || exit 1
mkdir "$work/bin"
printf '#!/bin/sh\nLD_PRELOAD=%s KTACH_CLOCK=%s exec %s/ktach-collector "$@"\n' \
	"$work/clock.so" "$work/offset" "$PWD/$B" >"$work/bin/ktach-collector"
chmod +x "$work/bin/ktach-collector"
B=$work/bin

# --- Nodes' clocks.
echo 0 >"$work/offset"
collector_start
host good a
host fine b
host slow c --clock -100
host fast d --clock 7200
host old e --clock "-$(date +%s)"
host odd f --samples 90000
for node in good:0 slow:-100 fast:7200; do
	check "${node%:*}: how far its clock is off is told" wait_for 10 offset ${node%:*} ${node#*:}
done
check "/metrics tells it" metric 'ktach_node_clock_offset_seconds{instance="slow".*} -\(100\|99\.[89]\)'
check "topk knows it" api 'topk?metric=clock.offset_s&k=2' '[.top[].name] | sort == ["fast", "odd"]'
check "the log warns of it" wait_for 5 grep -q 'node slow: its clock is .* s behind ours' "$work/collector.log"
for node in fast old odd; do
	check "$node: its samples are stored by our time" api \
		"history?node=$node&metric=load_1min&from=-1m" '[.series[].values[] | select(. != null)] | length > 0'
	check "$node: which is flagged" api nodes/$node '.redated and .redated_frames > 0'
done
check "slow: they are stored by its own" api nodes/slow '.redated == false and .redated_frames == 0'
check "slow: which is not ours" api 'history?node=slow&metric=load_1min&from=-30s' \
	'[.series[].values[] | select(. != null)] | length == 0'
check "slow: unless that is asked for" api 'history?node=slow&metric=load_1min&from=-30s&clock=collector' \
	"(.from_ns / 1e9 > $(date +%s) - 60) and ([.series[].values[] | select(. != null)] | length > 0)"
check "the collector's clock is good" api health '.status == "ok" and .clock.verdict == "good"'
for ((i = ${#pids[@]} - 1; i > 0; i--)); do
	kill "${pids[i]}" && wait "${pids[i]}" 2>/dev/null
done
kill "$collector" && wait "$collector"

# --- The collector's: 40 days ahead from its start on.
{ row raw 48; row raw 1000; row raw -87600; row part -87600; } | sqlite3 "$db"
is "$(rows)" "3|1" "the history has something of two days ago, of long ago, and of the future"
echo 3456000 >"$work/offset"
collector_start
check "a clock that is far from what is stored is not trusted" api health '.clock.verdict == "unproven"'
host good a
host fine b
host slow c --clock -100
check "and wrong, if nodes say so, which is an alarm" \
	wait_for 10 api health '.clock.verdict == "wrong" and .status != "ok" and (.reasons[0] | test("clock"))'
check "/metrics has one" metric 'ktach_collector_clock_wrong 1'
check "so has the log" wait_for 10 grep -q 'the clock of this host is wrong.*nothing is deleted' "$work/collector.log"
sleep 6 # it would delete each 5 s
is "$(rows)" "3|1" "nothing is deleted"
is "$(sqlite3 "$db" 'select count(*) from account')" 6 "nor are nodes"

echo 0 >"$work/offset"
check "mended, it is good again" wait_for 10 api health '.clock.verdict == "good" and all(.reasons[]; test("clock") | not)'
due() { [ "$(rows)" = "1|0" ]; }
wait_for 15 due
is "$(rows)" "1|0" "and what is too old goes, as does what is of the future"

# --- And behind.
echo -3456000 >"$work/offset"
check "40 days behind it is wrong, too" wait_for 10 api health '.clock.verdict == "wrong"'
sleep 6
is "$(rows)" "1|0" "and deletes nothing that seems to be of the future"
check "samples keep the nodes' times" api nodes/good '.redated == false and .redated_frames == 0'
done_testing
