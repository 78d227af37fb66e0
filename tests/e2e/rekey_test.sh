#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames wait in a spool while keys change. If the collector gets the former key
# again in time, all arrive; if not, they are given up and counted, and what is
# sealed with the new key arrives.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# key NAME: a fleet key, and the node's of it.
key() {
	"$B/ktach-collector" key --out "$work/$1.fleet" 2>/dev/null
	"$B/ktach-collector" key --fleet "$work/$1.fleet" --node "$(cat "$work/state/node-id")" --out "$work/$1.node" 2>/dev/null
}
mkdir "$work/state" "$work/keys"
echo 12345678-1234-4234-8234-123456789abc >"$work/state/node-id"
key old
key new

# spooled: a shipper under the old key fills its spool while nobody listens.
spooled() {
	rm -rf "$work/spool"
	cp "$work/old.node" "$work/node.key"
	"$B/ktach-shipper" --collector 127.0.0.1:1 --transport tcp --key "$work/node.key" --state "$work/state" \
		--no-net --interval 20ms --ship 20ms --spool "$work/spool" --name node 2>"$work/first.log" &
	local pid=$!
	pids+=("$pid")
	wait_for 20 eval '[ "$(stat -c %s "$work"/spool/* | sort -n | tail -n 1)" -gt 40000 ]'
	kill $pid
	wait $pid
	waiting=$(sed -n 's/.*: \([0-9]*\) frames wait for the next start/\1/p' "$work/first.log")
	check "$waiting frames wait in the spool" test "$waiting" -gt 20
	cp "$work/new.node" "$work/node.key"
}
ship() {
	background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --key "$work/node.key" \
		--state "$work/state" --no-net --interval 20ms --ship 20ms --spool "$work/spool" --name node
	shipper=$!
}
# export_max COLUMN: the largest value in the node's own table.
export_max() {
	"$B/ktach-collector" export --data "$work/data" --table node |
		awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
			$c > max { max = $c } END { print max + 0 }'
}

cp "$work/new.fleet" "$work/keys/new.key"
collector_start --keys "$work/keys"
spooled
ship
check "the collector's answer is told of" \
	wait_for 30 grep -q 'does not know the key .* of older frames; after 8 attempts' "$work/shipper.log"
cp "$work/old.fleet" "$work/keys/old.key"
kill -HUP "$collector"
check "with the former key again, all arrive" \
	wait_for 60 api nodes/node ".received > $((waiting + 20)) and .loss.lost == 0"
is "$(grep -c 'given up$' "$work/shipper.log")" 0 "none is given up"
kill "$shipper"
wait "$shipper"

rm "$work/keys/old.key"
kill -HUP "$collector"
spooled
received=$(api nodes/node | jq .received)
ship
check "without it, they are given up after a while" \
	wait_for 120 grep -q "$waiting frames sealed with the key .* are given up" "$work/shipper.log"
check "what is sealed with the new key arrives" \
	wait_for 60 api nodes/node ".received > $((received + 20)) and .cpu.share != null"
check "what waited behind it, too, until the loss is told" wait_for 60 api nodes/node ".loss.key == $waiting"
check "the collector has counted the refusals" test "$(api nodes | jq .dropped.key)" -ge 8
is "$(grep -c 'no ktach collector' "$work/shipper.log")" 0 "it is known for a collector all the while"
kill "$shipper"
wait "$shipper"
is $? 0 "the shipper ends cleanly"
kill "$collector"
wait "$collector"
is "$(export_max lost_key)" "$waiting" "the history has the number that was lost, by its cause"
done_testing
