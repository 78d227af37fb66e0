#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Are interfaces counted as they come, go, are renamed and move?
here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

# veth NAME PEER: both in $near
veth() {
	ip -n $near link add "$1" type veth peer name "$2"
	ip -n $near link set "$1" up
	ip -n $near link set "$2" up
	wait_for 10 has_row main "$1"
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
	check "its slot is used again" grep -qx "$slot" "$tmp/slots"
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

has_no_row() {
	! tail -n 20 "$tmp/$1" | grep -q "^row $2 "
}

test_choice() {
	start_table chosen -I 'e*,f?' -X 'e1'
	for i in e0 f0; do ip -n $near link add $i type veth peer name ${i%0}1; done
	check "an interface that --include names is counted" wait_for 10 has_row chosen e0
	check "by any of its globs" wait_for 10 has_row chosen f1
	prints chosen 10
	is "$(grep -c '^row \(e1\|a0\) ' "$tmp/chosen")" 0 \
		"others, and those that --exclude names, are not"
	ip -n $near link set f1 name x1
	check "a rename to another name ends it" wait_for 10 has_no_row chosen f1
	is "$(in_near "$bin/net_hooks" x1 | grep -c ktach)" \
		"$(in_near "$bin/net_hooks" e1 | grep -c ktach)" \
		"and takes the programs off"
	ip -n $near link set x1 name f1
	check "and back, it is counted again" wait_for 10 has_row chosen f1
	ip -n $near link del e0
	ip -n $near link del f0
	stop $table_pid
	detach
}

# Its row goes first.
has_no_hook() {
	[ -z "$(in_far "$bin/net_hooks" e0)" ]
}

# An interface that moves takes nothing of ours along, and comes back anew.
test_namespace() {
	veth e0 e1
	ip -n $near link set e0 netns $far
	check "an interface that leaves the namespace is dropped" wait_for 10 has_no_row main e0
	wait_for 10 has_no_hook
	is "$(in_far "$bin/net_hooks" e0)$(in_far tc qdisc show dev e0 | grep clsact)" "" \
		"nothing of ours went along"
	ip -n $far link set e0 netns $near
	ip -n $near link set e0 up
	check "it is counted when it comes back" wait_for 10 has_row_again main e0
	exact main e0 7,8 "and rightly" \
		in_near "$bin/net_send" e1 10 4 udp 1000 0 0
	ip -n $near link del e0
}

has_row_again() {
	tail -n 20 "$tmp/$1" | grep -q "^row $2 "
}

# -----------------------------------------------------------------------------

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
test_links
test_namespace
stop $table_pid
is "$(cat "$tmp/main.log")" "" "nothing was complained of"
detach
test_choice
done_testing
