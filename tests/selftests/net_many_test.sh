#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 200 interfaces, with LONG=1 520, come and go while all are counted: none is
# missed, none counts for another, nothing leaks.
# Waits mostly
# Time limit: 900 s
here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

rounds=5
[ -z "${LONG:-}" ] || rounds=13
pairs=20 # a round: 40 interfaces, of 128 slots with what is there

make_pairs() {
	for i in $(seq 1 $pairs); do
		echo "link add m$i type veth peer name n$i"
		echo "link set m$i up"
		echo "link set n$i up"
	done | ip -n $near -batch -
}

remove_pairs() {
	seq 1 $pairs | sed 's/^/link del m/' | ip -n $near -force -batch - 2>/dev/null
}

# Rows of the table that was printed last: "NAME SLOT RX_BYTES RX_PACKETS". From
# the end of the file, as row() in net_lib.sh.
last_table() {
	tac "$tmp/main" | awk '/^end/ { if (whole) exit; whole = 1 }
		whole && $1 == "row" { print $2, $4, $7, $8 }'
}

has_all() {
	[ "$(last_table | grep -c '^[mn][0-9]')" = $((2 * pairs)) ]
}

has_none() {
	[ "$(last_table | grep -c '^[mn][0-9]')" = 0 ]
}

# Each pair gets frames of a size and number of its own.
send_to_all() {
	for i in $(seq 1 $pairs); do
		in_near "$bin/net_send" "n$i" "$i" 4 udp $((100 + i)) 0 0 >/dev/null
	done
}

# 46 bytes of headers
all_are_right() {
	last_table | awk -v pairs=$pairs '
		/^m/ { i = substr($1, 2)
		       if ($4 == i && $3 == i * (146 + i)) good++ }
		END { exit good != pairs }'
}

# What could be left: a link is either pinned or a descriptor.
objects() {
	find "$pins" -type f | wc -l
	find /proc/$table_pid/fd -mindepth 1 | wc -l
}

is_as_before() {
	objects | cmp -s - "$tmp/before"
}

round() {
	: >"$tmp/main" # printed by appending: starts over
	make_pairs
	wait_for 10 has_all || return
	send_to_all
	wait_for 10 all_are_right || return
	last_table | awk '/^[mn]/ { print $2 }' >>"$tmp/slots"
	remove_pairs
	wait_for 10 has_none
}

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
: >"$tmp/main"
ip netns exec $near "$bin/net_table" -P "$pins" -p 50 -i 50 \
	>>"$tmp/main" 2>"$tmp/main.log" &
table_pid=$!
pids="$pids $table_pid"
wait_for 10 grep -q ready "$tmp/main" || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
prints main 5
objects >"$tmp/before"
good=0
for i in $(seq 1 $rounds); do
	round && good=$((good + 1))
done
is $good $rounds "each of $((2 * pairs * rounds)) interfaces counted its own, and went"
is "$(cat "$tmp/main.log")" "" "none was refused"
used=$(sort "$tmp/slots" | uniq -c | awk '$1 > 1' | wc -l)
check "slots were used again: $used of them" test "$used" -gt $pairs
check "no link, pin or descriptor is left" wait_for 10 is_as_before
objects | paste -s | sed 's/^/# now /'
paste -s "$tmp/before" | sed 's/^/# before /'
stop $table_pid
detach

# More than there is room for: said once, and taken in when others go.
start_table main -n 8 -I 'm*'
make_pairs
check "too many interfaces are said" wait_for 10 grep -q "more than 8 interfaces" "$tmp/main.log"
is "$(wc -l <"$tmp/main.log")" 1 "in one line"
prints main 5
is "$(last_table | wc -l)" 8 "as many as there is room for are counted"
for i in $(last_table | cut -d ' ' -f 1 | head -n 4); do
	ip -n $near link del "$i"
done
eight() { [ "$(last_table | wc -l)" = 8 ] && ! last_table | grep -q "^$i "; }
check "others take the place of those that go" wait_for 10 eight
stop $table_pid
detach

# As many at once take seconds where the kernel has tcx: by clsact they don't.
remove_pairs
pairs=100
make_pairs
start_table main -p 200 -i 100 -n 512 -I '[mn]*'
check "$((2 * pairs)) that were there before are all taken in" wait_for 30 has_all
if in_near "$bin/net_hooks" m1 | grep -q '^tcx'; then
	check "and the table is read meanwhile" \
		test "$(awk '/^end/ { if (n && n < 200) few++; n = 0 } /^row/ { n++ } END { print few + 0 }' \
		"$tmp/main")" -ge 5
else
	skip "the table is read while interfaces are taken in" "this kernel has no tcx"
fi
stop $table_pid
detach
done_testing
