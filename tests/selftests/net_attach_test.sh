#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Do the packet programs come, go, and live with others as they should?

here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

# --- good neighbour ----------------------------------------------------------

qdiscs() {
	ip netns exec $near tc qdisc show | grep -v noqueue
}

# ids PID: "prog 12" "map 3" "link 4" of what it holds
ids() {
	cat /proc/"$1"/fdinfo/* 2>/dev/null |
		sed -n 's/^\(prog\|map\|link\)_id:[^0-9]*/\1 /p' | sort -u
}

# The kernel frees in the background: give it a while.
all_gone() {
	while read -r kind id; do
		bpftool "$kind" show id "$id" >/dev/null 2>&1 || continue
		echo "# left: $kind $id"
		return 1
	done <"$1"
}

# test_cleanup TEXT OPTIONS
test_cleanup() {
	what=$1
	shift
	qdiscs >"$tmp/before"
	start_table clean "$@"
	exact clean c0 7,8 "$what: counts" \
		in_far "$bin/net_send" d0 10 4 tcp 20000 1448 0
	ids $table_pid >"$tmp/ids"
	stop $table_pid
	is $stopped 0 "$what: ends with status 0"
	qdiscs | cmp -s - "$tmp/before"
	ok $? "$what: no qdisc is left"
	if ! command -v bpftool >/dev/null; then
		skip "$what: no program, map or link is left" "no bpftool"
		return
	fi
	grep -q prog "$tmp/ids" && grep -q map "$tmp/ids" &&
		wait_for all_gone "$tmp/ids" >"$tmp/left"
	gone=$?
	ok $gone "$what: no program, map or link is left"
	[ $gone -eq 0 ] || tail -n 1 "$tmp/left"
}

# Somebody's filter: mirrors what comes to c0, and counts it.
user_filter() {
	in_near tc filter add dev c0 ingress protocol all prio 10 u32 \
		match u32 0 0 action mirred egress mirror dev a0
}

user_packets() {
	in_near tc -s filter show dev c0 ingress |
		sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p'
}

# ktach_filters DIRECTION
ktach_filters() {
	in_near tc filter show dev c0 "$1" | grep -c "ktach_$1"
}

send_ten() {
	in_far "$bin/net_send" d0 10 4 udp 1000 0 0
}

test_user_first() {
	in_near tc qdisc add dev c0 clsact
	if ! user_filter 2>/dev/null; then
		skip "$1: the user's filter" "no u32 and mirred"
		in_near tc qdisc del dev c0 clsact
		return
	fi
	start_table user $2
	exact user c0 7,8 "$1: counts beside a filter that was there" send_ten
	is "$(user_packets)" 10 "$1: that filter ran"
	stop $table_pid
	send_ten >/dev/null
	is "$(user_packets)" 20 "$1: it stays and still runs"
	in_near tc qdisc del dev c0 clsact
}

test_user_second() {
	start_table user -c
	if ! user_filter 2>/dev/null; then
		skip "the user's filter on our qdisc" "no u32 and mirred"
		stop $table_pid
		return
	fi
	exact user c0 7,8 "counts beside a filter that came later" send_ten
	is "$(user_packets)" 10 "that filter ran"
	stop $table_pid
	send_ten >/dev/null
	is "$(user_packets)" 20 "it keeps the qdisc that was made for us"
	is "$(ktach_filters ingress)$(ktach_filters egress)" 00 \
		"our filters are gone"
	in_near tc qdisc del dev c0 clsact
}

# A killed instance leaves its filters; the next one takes its place.
test_killed() {
	start_table killed -c
	stop $table_pid KILL
	is "$(ktach_filters ingress)" 1 "a killed instance leaves its filter"
	start_table next -c
	is "$(ktach_filters ingress)$(ktach_filters egress)" 11 \
		"the next one replaces it"
	exact next c0 7,8 "and counts" send_ten
	stop $table_pid
	is "$(qdiscs)" "" "and leaves nothing"
}

# test_two TEXT FIRST SECOND: options of two instances
test_two() {
	start_table first $2
	first_pid=$table_pid
	start_table second $3
	prints second 10
	grep -q '^row' "$tmp/second"
	is $? 1 "$1: the second counts nothing"
	is "$(grep -c 'another ktach' "$tmp/second.log")" 1 \
		"$1: and says so in one line"
	exact first c0 7,8 "$1: the first one counts once" send_ten
	stop $table_pid
	exact first c0 7,8 "$1: and goes on" send_ten
	stop $first_pid
	is "$(qdiscs)" "" "$1: nothing is left"
}

# Without rights: one line, and a status.
test_no_rights() {
	if ! command -v setpriv >/dev/null; then
		skip "without rights" "no setpriv"
		return
	fi
	setpriv --reuid 65534 --clear-groups --inh-caps=-all \
		"$bin/net_table" >"$tmp/rights" 2>&1
	is "$? $(wc -l <"$tmp/rights")" "1 1" "without rights it ends, with one line"
	grep -q "CAP_BPF" "$tmp/rights"
	ok $? "that says which rights it needs"
	sed 's/^/# /' "$tmp/rights"
}

# -----------------------------------------------------------------------------

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
stop $table_pid
test_cleanup "as this kernel likes it"
test_cleanup "clsact" -c
test_user_first "as this kernel likes it" ""
test_user_first "clsact" -c
test_user_second
test_killed
test_two "as this kernel likes it" "" ""
test_two "clsact" -c -c
test_two "clsact first" -c ""
test_two "clsact second" "" -c
test_no_rights
done_testing
