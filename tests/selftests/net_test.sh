#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Does the rate table of bpf/ and shipper/net.c count what is on the wire?
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
	wait_for in_near iperf3 -c 192.0.2.2 -n 1 >/dev/null 2>&1
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
	     { exit !($8 > 1000 && $6 > 100 && near($1, $5) &&
		      near($2, $6) && near($3, $7) && near($4, $8)) }'
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

# A tag that waits beside the packet is on no counter but ours.
test_vlan_device() {
	if ! ip -n $near link add link c0 name c0.5 type vlan id 5 2>/dev/null
	then
		skip "a VLAN device" "this kernel has none"
		return
	fi
	ip -n $near link set c0.5 up
	prints main 10
	start=$(settled main c0 | field 11,12)
	want=$(in_near "$bin/net_send" c0.5 10 4 tcp 20000 1448 0)
	inner=$(settled main c0.5 | field 11,12)
	outer=$(minus "$(settled main c0 | field 11,12) 0 0" "$start 0 0" |
		field 1,2)
	is "$inner" "$want" "a VLAN device counts without the tag"
	is "$outer" "$(echo "$want" | awk '{ print $1 + 4 * $2, $2 }')" \
		"the device under it counts a tag a segment"
	ip -n $near link del c0.5
}

# --- interfaces come and go --------------------------------------------------

has_row() {
	[ "$(row "$1" "$2")" ]
}

# veth NAME PEER: both in $near
veth() {
	ip -n $near link add "$1" type veth peer name "$2"
	ip -n $near link set "$1" up
	ip -n $near link set "$2" up
	wait_for has_row main "$1"
}

test_links() {
	veth e0 e1
	exact main e0 7,8 "an interface that appears is counted" \
		in_near "$bin/net_send" e1 10 4 udp 1000 0 0
	slot=$(row main e0 | field 4)
	ip -n $near link del e0
	prints main 10
	grep -c '^row e0 ' "$tmp/main" >"$tmp/rows"
	prints main 5
	is "$(grep -c '^row e0 ' "$tmp/main")" "$(cat "$tmp/rows")" \
		"an interface that goes is dropped"
	# e0 and e1 had the slots of f0 and f1, in one or the other order.
	veth f0 f1
	row main f0 | field 4 >"$tmp/slots"
	row main f1 | field 4 >>"$tmp/slots"
	grep -qx "$slot" "$tmp/slots"
	ok $? "its slot is used again"
	is "$(counts main f0) $(counts main f1)" "0 0 0 0 0 0 0 0" \
		"and starts from zero"
	exact main f0 7,8 "and counts" \
		in_near "$bin/net_send" f1 10 4 udp 1000 0 0
	before=$(row main f0 | field 3,4,7,8)
	ip -n $near link set f0 down
	ip -n $near link set f0 name g0
	ip -n $near link set g0 up
	prints main 10
	is "$(row main g0 | field 3,4,7,8)" "$before" "a rename shows"
	ip -n $near link del g0
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
	check_rates "$tmp/rates"
	ok $? "rates are the change of the counters over the tick"
}

# -----------------------------------------------------------------------------

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
start_iperf || skip_all "iperf3 doesn't start"
test_without_offloads
test_super_packets
test_frames
test_vlan_device
test_links
test_rates
stop $iperf_pid
stop $table_pid
is "$(cat "$tmp/main.log")" "" "nothing was complained of"
done_testing
