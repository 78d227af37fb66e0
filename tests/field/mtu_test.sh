#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Paths that take less than the interface says:
#
#   node --1500-- router --MTU-- collector
#
# A router that drops what is too large and tells nobody, where every frame has
# to arrive all the same; one that tells, and whose MTU falls twice; and a path on
# which the first datagrams are lost: facts and names come within seconds.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" = 0 ] || skip_all "needs root"
. tests/e2e/collector.sh

node=kt_n_$$ router=kt_r_$$ far=kt_c_$$
leave() {
	finish
	for n in $node $router $far; do ip netns del $n 2>/dev/null; done
}
trap leave EXIT
for n in $node $router $far; do
	ip netns add $n && ip -n $n link set lo up || skip_all "no network namespaces"
done
ip -n $node link add e0 type veth peer name r0 netns $router
ip -n $router link add r1 type veth peer name c0 netns $far
ip -n $node addr add 10.78.1.2/24 dev e0
ip -n $router addr add 10.78.1.1/24 dev r0
ip -n $router addr add 10.78.2.1/24 dev r1
ip -n $far addr add 10.78.2.2/24 dev c0
for dev in "$node e0" "$router r0" "$router r1" "$far c0"; do ip -n ${dev% *} link set ${dev#* } up; done
ip -n $node route add default via 10.78.1.1
ip -n $far route add default via 10.78.2.1
ip netns exec $router sysctl -qw net.ipv4.ip_forward=1
path_mtu() { ip -n $router link set r1 mtu "$1"; }
# ask PATH JQ: whether that holds. (jq finds nothing wrong with no answer at all.)
ask() {
	local body
	body=$(ip netns exec $far curl -fs "http://127.0.0.1:24761/api/v1/$1") && jq -e "$2" >/dev/null <<<"$body"
}
number() { ip netns exec $far curl -fs "http://127.0.0.1:24761/api/v1/nodes/$1" | jq "$2"; }
ship() {
	local name=$1
	shift
	background "$name.log" ip netns exec $node "$B/ktach-shipper" --collector 10.78.2.2:24760 --unsealed --no-net \
		--state "$work/$name" --name "$name" --interval 100ms --ship 100ms "$@"
}
# more NAME: frames come, and none is lost that was not lost before.
more() {
	local before lost
	lost=$(number "$1" .loss.lost)
	before=$(number "$1" .received)
	wait_for 10 ask "nodes/$1" ".received > $before + 8" && [ -n "$lost" ] && [ "$(number "$1" .loss.lost)" = "$lost" ]
}
knows() { ip -n $node route get 10.78.2.2 | grep -q "mtu $1"; }
fragments() { ip netns exec $node awk '/^Ip:/ { line = $0 } END { split(line, f); print f[20] }' /proc/net/snmp; }

background collector.log ip netns exec $far "$B/ktach-collector" --listen 10.78.2.2:24760 --unsealed \
	--http 127.0.0.1:24761 --data "$work/data"
check "the collector listens" wait_for 30 grep -q 'listening on' "$work/collector.log"

# --- a black hole
path_mtu 1000
ip -n $router rule add pref 1 ipproto icmp to 10.78.1.2 blackhole
ship hole --interval 4ms --ship 300ms
check "with the ICMP filtered, frames come" wait_for 20 ask nodes/hole '.received > 15'
check "with all that the first ones had" ask nodes/hole \
	'.facts.host_name != null and (.cpu.cpus | length) > 0 and (.process.processes | length) > 3'
check "and none is lost" ask nodes/hole '.loss.lost == 0'
kill "$!"
ip -n $router rule del pref 1

# --- larger datagrams, and a path that becomes narrower twice
path_mtu 1500
ship wide --datagram 8000 --interval 4ms --ship 300ms
check "larger datagrams arrive" wait_for 20 ask nodes/wide '.received > 20'
for mtu in 1400 1250; do
	path_mtu $mtu
	check "a path of $mtu is noticed" wait_for 30 knows $mtu
	wait_for 5 more wide
	before=$(fragments)
	check "frames go on" wait_for 20 more wide
	is "$(fragments)" "$before" "none is larger than the path is known to take"
done
check "each time a few are lost, and counted ($(number wide .loss.lost))" test "$(number wide .loss.lost)" -le 8
is "$(number wide .loss.send_failed)" 0 "what the news of it stopped is sent again"
kill "$!"

# --- the first ones are lost: so is what is repeated on the fifth second, as all come then
before_fifth() { awk '{ exit !($1 % 5 > 3.5) }' /proc/uptime; }
wait_for 10 before_fifth
ip -n $router rule add pref 1 to 10.78.2.2 blackhole
ship late
sleep 2
ip -n $router rule del pref 1
check "what the first frames had comes within seconds" wait_for 20 ask nodes/late \
	'.facts.host_name != null and .name == "late" and (.mount.mounts | length) > 0'
check "and the collector knows how many it missed" test "$(number late .loss.lost)" -gt 10
done_testing
