#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is offered to an interface and what it sends are two things: a queueing
# discipline between them drops and holds back, and that is told beside both.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
[ "$(id -u)" = 0 ] || skip_all "needs root"
command -v tc >/dev/null || skip_all "needs tc"
ns=ktach-offered-$$
work=$(mktemp -d)
trap 'ip netns del "$ns" 2>/dev/null; rm -rf "$work"' EXIT

in_ns() {
	ip netns exec "$ns" "$@"
}

# shown MEMBER: of q0, by ktach
shown() {
	in_ns "$B/bin/ktach" show link --json -i 100ms |
		jq ".link.links[] | select(.name == \"q0\") | .$1"
}

ip netns add "$ns" 2>/dev/null &&
	ip -n "$ns" link add q0 type veth peer name q1 2>/dev/null || skip_all "no network namespaces with veth"
# Frames of its own that the kernel sends count as well: it has none to send.
in_ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip -n "$ns" link set q0 up
ip -n "$ns" link set q1 up
if ! in_ns tc qdisc add dev q0 root tbf rate 64kbit burst 2k limit 3k 2>/dev/null; then
	skip_all "this kernel has no tbf"
fi
in_ns python3 - <<'END'
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("q0", 0x88b5))
for i in range(2000):
    try:
        s.send(bytes(12) + b"\x88\xb5" + bytes(1000))
    except OSError:
        pass
END
drops=$(in_ns tc -s qdisc show dev q0 | sed -n 's/.*dropped \([0-9]*\),.*/\1/p')
sent=$(cat <(in_ns cat /proc/net/dev) | tr ':' ' ' | awk '$1 == "q0" { print $11 }')
echo "# of 2000 frames the device sent $sent, its queue dropped $drops"
check "the queue dropped most of them" test "$drops" -gt 1000
is "$(shown qdisc_drops)" "$drops" "and ktach tells so"
check "with how often it held packets back" test "$(shown qdisc_overlimits)" -gt 0
check "and what the device sent" test "$(shown tx_packets)" -lt 1000
in_ns tc qdisc del dev q0 root
is "$(shown qdisc_backlog_packets)" 0 "nothing waits where there is no queue"
done_testing
