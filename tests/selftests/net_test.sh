#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Does the rate table of bpf/ and shipper/packets/net.c count what is on the wire?
here=$(dirname "$0")
# shellcheck disable=SC2034 # for net_lib.sh
need="ethtool iperf3"
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

# --- traffic -----------------------------------------------------------------

traffic() {
	in_near iperf3 -c "$@" >"$tmp/iperf" 2>&1 ||
		sed 's/^/# iperf3: /' "$tmp/iperf"
}

start_iperf() {
	ip netns exec $far iperf3 -s >/dev/null 2>&1 &
	iperf_pid=$!
	pids="$pids $iperf_pid"
	wait_for 10 in_near iperf3 -c 192.0.2.2 -n 1 >/dev/null 2>&1
}

# measure CHECK TEXT IPERF_ARGUMENTS: CHECK gets the deltas of table and device.
# The window keeps what is under way below the 1000 packets that a CPU's
# backlog takes: a packet dropped there was sent, but veth doesn't count it.
measure() {
	check=$1
	text=$2
	shift 2
	table0=$(counts main a0)
	device0=$(device a0)
	traffic "$@"
	table=$(minus "$(counts main a0)" "$table0")
	dev=$(minus "$(device a0)" "$device0")
	echo "$table $dev" | $check
	ok $? "$text"
	echo "# table $table, device $dev (rx bytes, packets, tx bytes, packets)"
}

# $1..4 table, $5..8 device
check_same() {
	awk 'function near(a, b) {
		return a - b <= b / 1000 && b - a <= b / 1000
	     }
	     { exit !($8 > 100 && $6 > 100 && near($1, $5) &&
		      near($2, $6) && near($3, $7) && near($4, $8)) }'
}

# The same, where veth takes packets by NAPI, as it does for GRO: it counts them
# without their Ethernet headers then.
check_merged() {
	awk '{ print $1, $2, $3, $4, $5 + 14 * $6, $6, $7 + 14 * $8, $8 }' |
		check_same
}

# check_headers DIRECTION BYTES: each segment that the device did not count
# brought headers of BYTES, and some were brought: bytes are exact then.
check_headers() {
	awk -v at="$1" -v headers="$2" '{
		packets = $(at + 1) - $(at + 5)
		off = $(at) - $(at + 4) - packets * headers
		limit = packets * headers / 1000
		exit !(packets > 1000 && off <= limit && -off <= limit)
	}'
}

tx_66() { check_headers 3 66; }
rx_66() { check_headers 1 66; }
tx_86() { check_headers 3 86; }
rx_86() { check_headers 1 86; }

test_without_offloads() {
	offloads off off
	measure check_same "TCP out: table and device agree" \
		192.0.2.2 -t 2 -w 256K
	measure check_same "TCP in: table and device agree" \
		192.0.2.2 -t 2 -w 256K -R
	measure check_same "UDP both ways: table and device agree" \
		192.0.2.2 -t 2 -u -b 100M -l 1400 --bidir
}

# Segments that the receiver merges again reach the program as super-packets, and
# the device's counters as what they were.
test_merged() {
	offloads off on
	measure check_merged "TCP in, merged by GRO: table and device agree" \
		192.0.2.2 -t 2 -w 256K -R
	offloads on on
	measure tx_66 "TCP out, with GSO and GRO: segments" \
		192.0.2.2 -t 2 -w 256K
}

# Also in fragments, and as small as Ethernet takes them.
test_sizes() {
	for size in 18 200 1472 4000; do
		measure check_same "UDP of $size bytes both ways" \
			192.0.2.2 -t 1 -u -b 20M -l $size --bidir
	done
	measure check_same "many small flows" \
		192.0.2.2 -P 40 -n 4M -w 16K
}

test_super_packets() {
	offloads on off
	measure tx_66 "TCP out: super-packets count as segments" \
		192.0.2.2 -t 1 -w 256K
	measure rx_66 "TCP in: super-packets count as segments" \
		192.0.2.2 -t 1 -w 256K -R
	if ! in_near test -e /proc/sys/net/ipv6; then
		skip "TCP over IPv6" "no IPv6"
		return
	fi
	in_near sh -c 'echo 0 >/proc/sys/net/ipv6/conf/a0/disable_ipv6'
	in_far sh -c 'echo 0 >/proc/sys/net/ipv6/conf/b0/disable_ipv6'
	ip -n $near addr add 2001:db8::1/64 dev a0 nodad
	ip -n $far addr add 2001:db8::2/64 dev b0 nodad
	measure tx_86 "TCP over IPv6 out: super-packets count as segments" \
		2001:db8::2 -t 1 -w 256K
	measure rx_86 "TCP over IPv6 in: super-packets count as segments" \
		2001:db8::2 -t 1 -w 256K -R
}

tx_94() { check_headers 3 94; }
rx_94() { check_headers 1 94; }
tx_116() { check_headers 3 116; }
rx_116() { check_headers 1 116; }

# tunnel KIND HEADERS OPTIONS...: super-packets inside of it, seen below it
tunnel() {
	kind=$1
	headers=$2
	shift 2
	if ! ip -n $near link add t0 type "$kind" remote 192.0.2.2 "$@" 2>/dev/null ||
		! ip -n $far link add t0 type "$kind" remote 192.0.2.1 "$@" 2>/dev/null
	then
		ip -n $near link del t0 2>/dev/null
		skip "a tunnel of $kind" "this kernel has none"
		return
	fi
	ip -n $near addr add 198.51.100.1/24 dev t0
	ip -n $far addr add 198.51.100.2/24 dev t0
	ip -n $near link set t0 up
	ip -n $far link set t0 up
	offloads on off
	measure "tx_$headers" "TCP in $kind, out: each segment has all headers" \
		198.51.100.2 -n 16M -w 256K
	measure "rx_$headers" "TCP in $kind, in: each segment has all headers" \
		198.51.100.2 -n 16M -w 256K -R
	# A server whose connection goes with the tunnel would wait for it.
	stop $iperf_pid
	ip -n $near link del t0
	ip -n $far link del t0
	start_iperf
}

# Ethernet, IP, the tunnel's own, Ethernet in it, IP and TCP.
test_tunnels() {
	tunnel vxlan 116 id 5 dstport 4789
	tunnel geneve 116 id 5
	tunnel gre 94 key 5
	tunnel ipip 86
}

both_ways() {
	what=$1
	shift
	exact main c0 11,12 "$what, out" in_near "$bin/net_send" c0 "$@"
	exact main c0 7,8 "$what, in" in_far "$bin/net_send" d0 "$@"
}

test_frames() {
	both_ways "UDP" 10 4 udp 1000 0 0
	both_ways "UDP with a VLAN tag" 10 4 udp 1000 0 1
	both_ways "TCP super-packets" 10 4 tcp 20000 1448 0
	both_ways "TCP super-packets with a VLAN tag" 10 4 tcp 20000 1448 1
	both_ways "TCP over IPv6 with two VLAN tags" 10 6 tcp 20000 1400 2
	both_ways "UDP super-packets over IPv6" 10 6 udp 20000 1400 0
}

# class_of SIDE: packets and bytes of each class that moved, from two rows
classes() {
	tr ' ' '\n' | grep -E "^$1_[a-z0-9-]*(cast|ipv[46]|ip|tcp|udp|other)(_bytes)?="
}

# class TEXT WANTED NET_SEND_ARGUMENTS...: 10 frames; the classes they are in
class() {
	text=$1
	wanted=$2
	shift 2
	settled main c0 | classes rx >"$tmp/classes0"
	in_far "$bin/net_send" d0 "$@" >"$tmp/sent"
	settled main c0 | classes rx >"$tmp/classes"
	is "$(paste -d = "$tmp/classes0" "$tmp/classes" | awk -F = -v sent="$(cat "$tmp/sent")" '
		BEGIN { split(sent, want, " ") }
		$4 != $2 {
			bytes = sub("_bytes$", "", $1)
			sub("^rx_", "", $1)
			if ($4 - $2 != want[bytes ? 1 : 2]) $1 = $1 "?"
			if (!bytes) list = list " " $1
			else if ($1 ~ /[?]/) list = list " " $1
		}
		END { print substr(list, 2) }')" "$wanted" "$text"
}

test_classes() {
	class "IPv4 UDP" "unicast ipv4 udp" 10 4 udp 100 0 0
	class "IPv4 TCP" "unicast ipv4 tcp" 10 4 tcp 100 0 0
	class "IPv4 GRE" "unicast ipv4 other" 10 4 other 100 0 0
	class "IPv6 UDP" "unicast ipv6 udp" 10 6 udp 100 0 0
	class "IPv6 TCP super-packets" "unicast ipv6 tcp" 10 6 tcp 20000 1400 0
	class "no IP" "unicast not-ip other" 10 0 udp 100 0 0
	class "IPv4 UDP in VLAN tags" "unicast ipv4 udp" 10 4 udp 100 0 2
	class "IPv6 TCP in a VLAN tag" "unicast ipv6 tcp" 10 6 tcp 100 0 1
	class "multicast" "multicast ipv4 udp" 10 4 udp 100 0 0 m
	class "broadcast" "broadcast not-ip other" 10 0 udp 100 0 0 b
}

# --- stacked devices ---------------------------------------------------------

# has_programs INTERFACE: its row may be there a little earlier
has_programs() {
	[ "$(in_near "$bin/net_hooks" "$1" | grep -c ktach_)" = 2 ]
}

# stack UPPER EXTRA FRAME...: c0 is under UPPER; EXTRA bytes of tag are on c0's
# packets only. Each counts its own, once.
stack() {
	upper=$1
	extra=$2
	shift 2
	wait_for 10 has_row main "$upper"
	wait_for 10 has_programs "$upper"
	for way in in out; do
		fields=7,8
		send="in_far $bin/net_send d0 10 $*"
		[ $way = in ] || {
			fields=11,12
			send="in_near $bin/net_send $upper 10 $*"
		}
		tags=0
		[ $way$extra != in4 ] || tags=1
		below=$(settled main c0 | field $fields)
		above=$(settled main "$upper" | field $fields)
		want=$($send $tags b)
		below=$(minus "$(settled main c0 | field $fields) 0 0" "$below 0 0" | field 1,2)
		above=$(minus "$(settled main "$upper" | field $fields) 0 0" "$above 0 0" | field 1,2)
		[ $tags = 0 ] || want=$(echo "$want" | awk '{ print $1 - 4 * $2, $2 }')
		is "$above" "$want" "$upper, $way: it counts its own"
		is "$below" "$(echo "$want" | awk -v e="$extra" '{ print $1 + e * $2, $2 }')" \
			"$upper, $way: and so does the device under it"
	done
}

# A tag that waits beside the packet is on no counter but ours.
test_vlan_device() {
	if ! ip -n $near link add link c0 name c0.5 type vlan id 5 2>/dev/null
	then
		skip "a VLAN device" "this kernel has none"
		return
	fi
	ip -n $near link set c0.5 up
	stack c0.5 4 4 tcp 20000 1448
	ip -n $near link del c0.5
}

# No IP: a bridge's netfilter would look for a checksum.
test_bridge() {
	if ! ip -n $near link add br0 type bridge mcast_snooping 0 2>/dev/null; then
		skip "a bridge" "this kernel has none"
		return
	fi
	ip -n $near link set c0 master br0
	ip -n $near link set br0 up
	stack br0 0 0 udp 100 0
	ip -n $near link del br0
}

test_bond() {
	if ! ip -n $near link add bond0 type bond mode balance-rr 2>/dev/null
	then
		skip "a bond" "this kernel has none"
		return
	fi
	ip -n $near link set c0 down
	ip -n $near link set c0 master bond0
	ip -n $near link set c0 up
	ip -n $near link set bond0 up
	stack bond0 0 0 udp 100 0
	ip -n $near link set c0 nomaster
	ip -n $near link del bond0
	ip -n $near link set c0 up
}

# --- rates -------------------------------------------------------------------

# Rows that are one tick apart hold what the rate was computed from.
check_rates() {
	awk '$1 == "row" && $2 == "a0" {
		if (mono && $5 - mono == $6) {
			rate($9, $7 - v7); rate($10, $8 - v8)
			rate($13, $11 - v11); rate($14, $12 - v12)
		}
		if (mono == $5) {
			if ($0 != line) bad++
		}
		line = $0
		mono = $5; v7 = $7; v8 = $8; v11 = $11; v12 = $12
	}
	function rate(got, delta) {
		want = delta * 1000000000 / $6
		if (got) seen++
		if (got > want + 1 || got < want - 1) bad++
	}
	END { print "# " seen + 0 " rates, " bad + 0 " wrong"
	      exit !(seen > 20 && !bad) }' "$1"
}

test_rates() {
	start=$(wc -l <"$tmp/main")
	traffic 192.0.2.2 -t 2 -u -b 20M -l 1400 --bidir
	tail -n "+$start" "$tmp/main" >"$tmp/rates"
	check "rates are the change of the counters over the tick" check_rates "$tmp/rates"
	# A timer may be late, more so in guests: most of them are not.
	awk '$1 == "row" && $5 != last { n++; last = $5
		into = $5 % 50000000; if (into >= 43750000) good++ }
		END { print "# " good + 0 " of " n + 0
		      exit !(good > n / 2) }' "$tmp/rates"
	ok $? "ticks lie right before the multiples of their period"
}

# -----------------------------------------------------------------------------

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
start_iperf || skip_all "iperf3 doesn't start"
test_without_offloads
test_sizes
test_merged
test_super_packets
test_tunnels
test_frames
test_classes
test_vlan_device
test_bridge
test_bond
test_rates
stop $iperf_pid
stop $table_pid
is "$(cat "$tmp/main.log")" "" "nothing was complained of"
detach
done_testing
