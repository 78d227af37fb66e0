#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Interfaces from /proc/net/dev, in a network namespace of our own: the counters
# are the file's, and an interface that is made anew is another one, by its
# number, although its name is known: made so soon that no sample is in between.
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${APART:-}" ] && [ "$(id -u)" = 0 ]; then
	exec env APART=1 unshare -n bash "$0"
fi
. tests/tap.sh
. tests/e2e/collector.sh
[ "$(id -u)" = 0 ] || skip_all "needs root"

make_pair() {
	ip link add one type veth peer name two && ip link set one up && ip link set two up
}
number() { ip -j link show "$1" | jq '.[0].ifindex'; }
ip link set lo up
make_pair
first=$(number one)
collector_start
# Pins that are in no bpffs.
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --pins "$work" --state "$work/state" --name here \
	--interval 500ms --ship 500ms
shipper=$!
shown() { api nodes/here ".net.interfaces | map(.name) | contains([\"$1\"])"; }
check "an interface shows up" wait_for 10 shown one
is "$(grep -c 'read from /proc/net/dev' "$work/shipper.log")" 1 "it is read from /proc/net/dev"
sleep 1
ip link del one
make_pair
second=$(number one)
ip link add three type veth peer name four
check "so does one that is made later" wait_for 10 shown three
# What the file says, when nothing moves any more.
for side in one two; do
	ip link set $side down
done
sleep 1
read -r rx_bytes rx_packets tx_bytes tx_packets < <(awk -F '[ :]+' '$2 == "one" { print $3, $4, $11, $12 }' /proc/net/dev)
sleep 1
kill $shipper
wait $shipper
is $? 0 "the shipper ends cleanly"
kill "$collector"
wait "$collector"
rows=$(history_rows "$work/data")
is "$(sqlite3 "$rows" "select group_concat(ifindex) from (select distinct ifindex from net where name = 'one' order by mono_ns)")" \
	"$first,$second" "a name has the number of the interface that has it"
check "it sent something ($tx_packets packets)" test "$tx_packets" -gt 0
is "$(sqlite3 -separator ' ' "$rows" "select rx_bytes, rx_packets, tx_bytes, tx_packets from net where ifindex = $second
	order by mono_ns desc limit 1")" "$rx_bytes $rx_packets $tx_bytes $tx_packets" "its counters are the file's"
done_testing
