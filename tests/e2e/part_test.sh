#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Parts of the network in a network of its own, where nothing else happens, beside what
# tc, ss, ip and ethtool say of it.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
if [ -z "${PART_INSIDE:-}" ]; then
	unshare -n true 2>/dev/null || skip_all "no network namespaces"
	PART_INSIDE=1 exec unshare -n "$0"
fi
work=$(mktemp -d)
trap 'kill "$server" "$peer" 2>/dev/null; wait; rm -rf "$work"' EXIT

unshare -n sleep 1000 &
peer=$!
away() { nsenter -t "$peer" -n "$@"; }
check "a network beside" wait_for 60 eval '[ "$(readlink /proc/'$peer'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
ip link set lo up
ip link add one type veth peer name two netns "$peer"
ip addr add 10.9.9.1/24 dev one
ip link set one up
away ip addr add 10.9.9.2/24 dev two
away ip link set two up
tc qdisc add dev one root tbf rate 64kbit burst 2k limit 3k
# As long as nothing came yet there is no neighbour.
send() { python3 -c '
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(50):
    u.sendto(b"x" * 1200, ("10.9.9.2", 9))'; }
reached() { send && ip -4 neigh show dev one | grep -q lladdr; }
check "a neighbour" wait_for 60 reached
send

# Two connections, one that listens, and a datagram that nobody takes.
python3 -c '
import socket, time
l = socket.create_server(("127.0.0.1", 7001))
kept = [socket.create_connection(("127.0.0.1", 7001)) for _ in range(2)]
taken = [l.accept()[0] for _ in range(2)]
kept[0].send(b"x" * 100)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 7002))
kept[1].close()
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"y" * 50, ("127.0.0.1", 7002))
print("ready", flush=True)
time.sleep(1000)' >"$work/server" &
server=$!
check "a server" wait_for 60 grep -q ready "$work/server"

look() { "$B/bin/ktach" show part --part-include 'tcp,udp,neighbour,qdisc,ethtool' --part-ethtool '*' --json >"$work/parts"; }
# value NAME [LABELS]
value() { jq -r --arg n "$1" --arg l "${2:-}" '[.. | objects | select(.name == $n and (.labels // "") == $l) | .value] | first' "$work/parts"; }
# What is told by both, once nothing moves any more.
theirs() { tc -s -j qdisc show dev one; ethtool -S one; ss -Htan; ss -Huan; }
still() {
	theirs >"$work/before"
	look
	theirs >"$work/after"
	cmp -s "$work/before" "$work/after"
}
check "nothing moves" wait_for 60 still
# As it was then: a packet more may come at any time.
tc_said() { head -n 1 "$work/before" | jq "$1"; }

for name in bytes packets drops requeues overlimits; do
	is "$(value node_qdisc_${name}_total 'device="one",kind="tbf"')" "$(tc_said ".[0].$name")" "$name of a queueing discipline are tc's"
done
check "some were dropped" test "$(value node_qdisc_drops_total 'device="one",kind="tbf"')" -gt 0
is "$(value node_qdisc_backlog 'device="one",kind="tbf"')" "$(tc_said '.[0].backlog')" "what waits there"
is "$(jq -c '[.. | objects | select(.name? == "node_qdisc_bytes_total") | .labels]' "$work/parts")" '["device=\"one\",kind=\"tbf\""]' "and of none that has no queue"

is "$(value node_arp_entries 'device="one"')" "$(ip -4 -j neigh show dev one | jq length)" "neighbours over IPv4 are ip's"
is "$(jq '[.. | objects | select(.name? == "ktach_neighbours") | .value] | add' "$work/parts")" "$(ip -j neigh show | jq length)" "and all of them"

# state OURS THEIRS
state() { is "$(value node_tcp_connection_states "state=\"$1\"")" "$(ss -Htan | grep -c "^$2")" "connections that are $1 are ss's"; }
state established ESTAB
state listen LISTEN
state close_wait CLOSE-WAIT
state fin_wait2 FIN-WAIT-2
is "$(value node_tcp_connection_states 'state="rx_queued_bytes"')" "$(ss -Htan | awk '$1 != "LISTEN" { n += $2 } END { print n + 0 }')" "bytes that nobody took"
check "there are some" test "$(value node_tcp_connection_states 'state="rx_queued_bytes"')" -ge 100
is "$(value node_udp_queues 'ip="v4",queue="rx"')" "$(ss -Huan | awk '{ n += $2 } END { print n + 0 }')" "bytes that wait at sockets of UDP"
check "there are some, too" test "$(value node_udp_queues 'ip="v4",queue="rx"')" -gt 0

statistics=0
while IFS=: read -r name count; do
	name=$(echo $name)
	case $name in peer_ifindex | rx_queue_* | tx_queue_*) ;; *) continue ;; esac
	is "$(value ktach_ethtool_statistic "device=\"one\",statistic=\"$name\"")" "$(echo $count)" "ethtool's $name"
	statistics=$((statistics + 1))
done < <(ethtool -S one)
check "statistics of the driver" test $statistics -gt 1
done_testing
