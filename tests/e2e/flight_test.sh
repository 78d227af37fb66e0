#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The flight recorder, in a network namespace: a burst of 3 ms on an idle link becomes an
# incident with each of its milliseconds; many triggers are one; what is exported is played;
# a queue without room takes samples and no incident.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
. tests/e2e/collector.sh
near=ktach-fn-$$ far=ktach-ff-$$
mkdir -m 700 "$work/keys"
mkdir "$work/bpf" && mount -t bpf bpf "$work/bpf" || skip_all "no bpffs"
pins=$work/bpf/ktach
leave() {
	kill "$shipper" 2>/dev/null && wait "$shipper" 2>/dev/null
	ip netns exec $near "$B/ktach-shipper" --detach --pins "$pins" 2>/dev/null
	pins=$work/none
	finish_programs
	ip netns del $near
	ip netns del $far
	umount "$work/bpf"
	rm -rf "$work"
}
finish_programs() {
	local i
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null && wait "${pids[i]}" 2>/dev/null
	done
}
trap leave EXIT
ip netns add $near
ip netns add $far
for side in $near $far; do
	ip netns exec $side sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
ip -n $near link set lo up
ip -n $near link add v0 type veth peer name v1 netns $far
ip -n $near link set v0 up
ip -n $far link set v1 up
curl() { ip netns exec $near curl "$@"; }
under=(ip netns exec "$near")

# burst: 30 full frames in each of 3 milliseconds, one after the other as far as the machine
# lets it; says how many bytes that were.
burst() {
	ip netns exec $far python3 -c '
import socket, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("v1", 0))
frame = b"\xff" * 6 + b"\x02" * 6 + b"\x88\xb5" + bytes(1486)
for i in range(3):
    ms = time.monotonic_ns() // 1000000
    for j in range(30):
        s.send(frame)
    while time.monotonic_ns() // 1000000 <= ms:
        pass
print(3 * 30 * len(frame))
'
}
ship() {
	background shipper.log ip netns exec $near "$B/ktach-shipper" --pins "$pins" --collector "127.0.0.1:$feed" \
		--transport tcp --key "$work/node.key" --state "$work/state" --name here --over 1 --flight-memory 4194304 \
		--flight-socket "$work/flight.sock"
	shipper=$!
}
incidents() { api incidents "$@"; }

"$B/ktach-collector" key --out "$work/keys/fleet.key" 2>/dev/null
node=$("$B/ktach-shipper" --make-id --state "$work/state")
"$B/ktach-collector" key --fleet "$work/keys/fleet.key" --node "$node" --out "$work/node.key" 2>/dev/null
collector_start --keys "$work/keys"
ship
check "the link is counted" \
	wait_for 60 api nodes/here '.net.interfaces[] | select(.name == "v0") | .rx_bytes != null'
sent=$(burst)
check "a burst of 3 ms is an incident" \
	wait_for 60 incidents '.incidents | length == 1 and .[0].cause == "burst" and .[0].node == "here"'
id=$(curl -fs "http://$http/api/v1/incidents" | jq -r '.incidents[0].id')
curl -fs "http://$http/api/v1/incidents/$id" >"$work/incident.json"
check "it has each byte of the burst, by the millisecond, and its trigger among them" \
	jq -e --argjson sent "$sent" '[.buckets[] | select(.interface == "v0") | .ms as $at | .rx_bytes | to_entries[] |
	select(.value > 0) | { ms: (.key + $at), bytes: .value }] | length >= 3 and (map(.bytes) | add) == $sent and
	any(.ms == 0) and (first.ms <= 0)' "$work/incident.json"
check "and CPUs, softirqs and processes of that time" \
	jq -e '(.cpu.ms | length) as $n | $n >= 1 and (.cpu.cpus | length > 0 and all(.busy | length == $n)) and
	(.softirq.cpus | length > 0) and (.processes | map(.rows | length) | add > 0)' "$work/incident.json"
is "$(curl -fs "http://$http/api/v1/incidents/$id.csv" | awk -F, '$2 == "net_rx_bytes" && $3 == "\"v0\"" { n += $4 } END { print n }')" \
	"$sent" "the CSV has the same"
curl -fs "http://$http/api/v1/incidents/$id/recording" >"$work/recording"
"$B/bin/ktach" replay "$work/recording" --json >"$work/played" 2>"$work/replay.err"
is $? 0 "what is exported is played"
is "$(jq -s 'length' "$work/played")" "$(jq '.cpu.ms | length' "$work/incident.json")" "each sample of it"

# Ten seconds later there may be another one.
freeze() { "$B/bin/ktach" freeze --socket "$work/flight.sock" "$@"; }
check "an operator on the host has it freeze" wait_for 30 freeze "by hand"
check "which is an incident with these words" \
	wait_for 60 incidents 'any(.incidents[]; .cause == "operator" and .text == "by hand")'
ask() { curl -fs -X POST "http://$http/api/v1/nodes/here/freeze?text=from+afar"; }
check "and so has one at the collector" wait_for 30 holds '.result == "done" and (.text | length > 0)' ask
check "which says who asked" \
	wait_for 60 incidents 'any(.incidents[]; .cause == "collector" and (.text | endswith("from afar")))'
done_testing
