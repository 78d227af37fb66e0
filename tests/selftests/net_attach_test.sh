#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Do the packet programs come, go, and live with others as they should?
# Waits mostly

here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

# --- good neighbour ----------------------------------------------------------

qdiscs() {
	ip netns exec $near tc qdisc show | grep -v noqueue
}

# "prog 12" "map 3" "link 4" of all that is pinned
ids() {
	for pin in "$pins"/*; do
		case ${pin##*/} in
		ingress | egress) kind=prog ;;
		link_*) kind="link" ;;
		*) kind=map ;;
		esac
		bpftool $kind show pinned "$pin" 2>/dev/null |
			sed -n "s/^\([0-9]*\): .*/$kind \1/p"
	done
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
	ids >"$tmp/ids"
	stop $table_pid
	is $stopped 0 "$what: ends with status 0"
	detach
	is $? 0 "$what: detaches"
	check "$what: no pin is left" test ! -e "$pins"
	is "$(qdiscs | diff - "$tmp/before")" "" "$what: no qdisc is left"
	if ! command -v bpftool >/dev/null; then
		skip "$what: no program, map or link is left" "no bpftool"
		return
	fi
	[ "$(grep -c prog "$tmp/ids")" -ge 2 ] && grep -q map "$tmp/ids" &&
		wait_for 10 all_gone "$tmp/ids" >"$tmp/left"
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
	detach
	send_ten >/dev/null
	is "$(user_packets)" 20 "$1: it stays and still runs"
	in_near tc qdisc del dev c0 clsact
}

# Somebody's ingress qdisc has no place for what goes out: it stays as it is.
test_ingress_qdisc() {
	in_near tc qdisc add dev c0 ingress
	before=$(qdiscs)
	start_table ingress -c -w 100
	check "an ingress qdisc of somebody else's: its interface is refused" \
		grep -q "c0 is not counted: its ingress qdisc" "$tmp/ingress.log"
	is "$(qdiscs | grep c0)" "$before" "the qdisc stays as it was"
	is "$(in_near tc filter show dev c0 parent ffff:)" "" "without a filter of ours"
	check "the other interface is counted" wait_for 10 has_row ingress a0
	is "$(row ingress c0)" "" "this one is not"
	# As the message says.
	in_near tc qdisc replace dev c0 clsact 2>/dev/null || {
		in_near tc qdisc del dev c0 ingress
		in_near tc qdisc add dev c0 clsact
	}
	check "it is counted when there is a clsact qdisc in its place" wait_for 10 has_row ingress c0
	exact ingress c0 7,8 "and exactly" send_ten
	is "$(grep -c "its ingress qdisc" "$tmp/ingress.log")" 1 "it was told once"
	stop $table_pid
	detach
	is "$(ktach_filters ingress)$(ktach_filters egress)" 00 "our filters are gone"
	in_near tc qdisc del dev c0 clsact
	is "$(qdiscs)" "" "and no other qdisc is left"
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
	detach
	send_ten >/dev/null
	is "$(user_packets)" 20 "it keeps the qdisc that was made for us"
	is "$(ktach_filters ingress)$(ktach_filters egress)" 00 \
		"our filters are gone"
	in_near tc qdisc del dev c0 clsact
}

# user NAME DIRECTION PLACE: a program of somebody else's at tcx, in the
# background
user() {
	: >"$tmp/$1"
	ip netns exec $near "$bin/net_user" c0 "$2" "$3" >"$tmp/$1" &
	pids="$pids $!"
	users="$users $!"
	wait_for 10 grep -q ready "$tmp/$1"
}

# Somebody's before ours, and somebody's who came later and went in front.
test_tcx_users() {
	if ! in_near "$bin/net_user" lo ingress ask; then
		skip "others' programs at tcx" "this kernel has none"
		return
	fi
	users=
	user in_last ingress last
	user out_last egress last
	start_table tcx
	user in_first ingress first
	exact tcx c0 7,8 "counts among others' tcx programs, in" send_ten
	exact tcx c0 11,12 "and out" in_near "$bin/net_send" c0 10 4 udp 1000 0 0
	is "$(in_near "$bin/net_hooks" c0 | sed -n 's/^tcx ingress [0-9]* //p' |
		paste -s -d ,)" let_pass,ktach_ingress,let_pass \
		"in front of those that were there, behind those that came later"
	stop $table_pid
	detach
	send_ten >/dev/null
	for pid in $users; do stop "$pid"; done
	is "$(tail -q -n 1 "$tmp/in_first" "$tmp/in_last" "$tmp/out_last" |
		paste -s -d ,)" 20,20,10 "all of them ran, and stayed"
}

# program_ids: which of ours are on c0, by either way
program_ids() {
	in_near "$bin/net_hooks" c0 | grep ktach_ | cut -d ' ' -f 3 | sort
}

# The kernel lets links go in the background.
nothing_is_left() {
	[ -z "$(qdiscs)$(program_ids)" ]
}

# test_restart TEXT SIGNAL OPTIONS: what counts, goes on without its process
test_restart() {
	what=$1
	start_table before $3
	exact before c0 7,8 "$what: counts" send_ten
	old=$(row before c0 | field 3,4,7,8)
	programs=$(program_ids)
	stop $table_pid "$2"
	is "$(program_ids | wc -l) $(program_ids)" "2 $programs" \
		"$what: its programs stay"
	send_ten >"$tmp/sent"
	start_table after $3
	new=$(settled after c0 | field 3,4,7,8)
	is "$new" "$(echo "$old" "$(cat "$tmp/sent")" |
		awk '{ print $1, $2, $3 + $5, $4 + $6 }')" \
		"$what: the next one goes on in the slot, nothing is missing"
	is "$(program_ids)" "$programs" "$what: no program is new"
	check "$what: and says so" grep -q "goes on" "$tmp/after.log"
	exact after c0 7,8 "$what: and counts" send_ten
	stop $table_pid
	detach
	wait_for 10 nothing_is_left
	is "$(qdiscs)$(program_ids)" "" "$what: detaching leaves nothing"
}

# Other settings, or another build, can't go on with these maps.
test_upgrade() {
	start_table old $1
	stop $table_pid
	programs=$(program_ids)
	start_table new -n 64 $1
	check "upgrade${1:+ $1}: the programs are replaced" grep -q replaces "$tmp/new.log"
	program_ids >"$tmp/new.ids"
	is "$(wc -l <"$tmp/new.ids")" "$(echo "$programs" | wc -l)" \
		"upgrade${1:+ $1}: no program is doubled"
	echo "$programs" | grep -qxf "$tmp/new.ids"
	is $? 1 "upgrade${1:+ $1}: none of the old ones is left"
	exact new c0 7,8 "upgrade${1:+ $1}: the new ones count" send_ten
	stop $table_pid
	detach
	is "$(qdiscs)" "" "upgrade${1:+ $1}: detaching leaves nothing"
}

# The pins are gone, by somebody's rm: a filter keeps its program.
test_orphans() {
	start_table orphan -c
	stop $table_pid
	rm -r "$pins"
	is "$(ktach_filters ingress)" 1 "without pins a filter stays"
	# Its timer is dead; the next one waits until that can be told.
	sleep 0.5
	start_table next -c
	is "$(ktach_filters ingress)$(ktach_filters egress)" 11 \
		"the next one replaces it"
	exact next c0 7,8 "and counts" send_ten
	stop $table_pid
	detach
	is "$(qdiscs)" "" "and leaves nothing"
}

# Filters in another network namespace are out of reach: that is said.
test_elsewhere() {
	start_table there -c
	stop $table_pid
	"$bin/net_table" -P "$pins" -d 2>"$tmp/there"
	check "detached from elsewhere: what stays is said" grep -q "with a --detach in it" "$tmp/there"
	sleep 0.5 # until the timer's death can be told
	detach 2>"$tmp/there"
	is "$(qdiscs)$(program_ids)$(cat "$tmp/there")" "" \
		"and goes with another detaching"
}

# test_second TEXT OPTIONS: with the same pins the second reads, and takes over
test_second() {
	start_table first $2
	first_pid=$table_pid
	programs=$(program_ids)
	start_table second $2
	is "$(program_ids)" "$programs" "$1: the second adds no program"
	check "$1: and says whose they are" grep -q "process $first_pid:" "$tmp/second.log"
	exact second c0 7,8 "$1: and reads what the first counts" send_ten
	in_near "$bin/net_table" -P "$pins" -d 2>"$tmp/refused"
	is "$? $(grep -c 'stop it first' "$tmp/refused")" "1 1" \
		"$1: detaching is refused meanwhile"
	stop $first_pid
	exact second c0 7,8 "$1: it goes on when the first one ended" send_ten
	check "$1: and looks after the counters" grep -q "from now on" "$tmp/second.log"
	ip -n $near link add e0 type veth peer name e1
	check "$1: also after new interfaces" wait_for 10 has_row second e0
	ip -n $near link del e0
	stop $table_pid
	detach
	is "$(qdiscs)" "" "$1: nothing is left"
}

# take_off TEXT: somebody takes one of our programs off c0
take_off() {
	case $1 in
	clsact) in_near tc qdisc del dev c0 clsact ;;
	*) bpftool link detach pinned "$pins/link_$(ip netns exec $near \
		cat /sys/class/net/c0/ifindex)_ingress" ;;
	esac
}

are_on() {
	[ "$(program_ids | wc -l)" = 2 ]
}

# test_taken_off TEXT OPTIONS: they are put on again, in the same slot
test_taken_off() {
	start_table off -w 100 $2
	exact off c0 7,8 "$1: counts" send_ten
	before=$(row off c0 | field 3,4,7,8)
	if ! take_off "$1" 2>/dev/null; then
		skip "$1: programs that somebody took off" "bpftool can't"
		stop $table_pid
		detach
		return
	fi
	check "$1: it is seen that somebody took a program off" \
		wait_for 10 grep -q "took the programs off c0" "$tmp/off.log"
	check "$1: it is put on again" wait_for 10 are_on
	is "$(settled off c0 | field 3,4,7,8)" "$before" "$1: in its slot"
	exact off c0 7,8 "$1: and counts" send_ten
	is "$(wc -l <"$tmp/off.log")" 1 "$1: one line says so"
	stop $table_pid
	detach
	is "$(qdiscs)" "" "$1: detaching leaves nothing"
}

# Somebody's rm, while a process looks after the pins: the timer is gone.
test_pins_removed() {
	start_table pins $2
	rm -r "$pins"
	check "$1: it is seen that the pins are gone" wait_for 10 grep -q "starts anew" "$tmp/pins.log"
	check "$1: no program is doubled" wait_for 10 are_on
	wait_for 10 has_row pins c0
	exact pins c0 7,8 "$1: and all counts again" send_ten
	stop $table_pid
	detach
	check "$1: detaching leaves no pin" test ! -e "$pins"
	wait_for 10 nothing_is_left
	is "$(qdiscs)$(program_ids)" "" "$1: and nothing else"
}

# test_two TEXT FIRST SECOND: options of two instances with pins of their own
test_two() {
	start_table first $2
	first_pid=$table_pid
	start_table second -P "$pins-2" -w 100 $3
	prints second 10
	tail -n 5 "$tmp/second" | grep -q "^row"
	is $? 1 "$1: the second counts nothing"
	is "$(grep -c 'another ktach' "$tmp/second.log")" 1 \
		"$1: and says so in one line"
	exact first c0 7,8 "$1: the first one counts once" send_ten
	stop $first_pid
	prints second 10
	tail -n 5 "$tmp/second" | grep -q "^row"
	is $? 1 "$1: also when its process ended"
	detach
	wait_for 10 has_row second c0
	exact second c0 7,8 "$1: the second counts when it is detached" send_ten
	stop $table_pid
	detach "$pins-2"
	is "$(qdiscs)" "" "$1: nothing is left"
}

# Without rights: one line, and a status.
test_no_rights() {
	if ! command -v setpriv >/dev/null; then
		skip "without rights" "no setpriv"
		return
	fi
	setpriv --reuid 65534 --clear-groups --inh-caps=-all \
		"$bin/net_table" -P "$pins" >"$tmp/rights" 2>&1
	is "$? $(wc -l <"$tmp/rights")" "1 1" "without rights it ends, with one line"
	check "that says which rights it needs" grep -q "CAP_BPF" "$tmp/rights"
	sed 's/^/# /' "$tmp/rights"
}

# -----------------------------------------------------------------------------

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
stop $table_pid
detach
test_cleanup "as this kernel likes it"
test_cleanup "clsact" -c
test_user_first "as this kernel likes it" ""
test_user_first "clsact" -c
test_ingress_qdisc
test_user_second
test_tcx_users
test_restart "ended" TERM ""
test_restart "killed" KILL ""
test_restart "clsact, ended" TERM -c
test_restart "clsact, killed" KILL -c
test_upgrade ""
test_upgrade -c
test_orphans
test_elsewhere
test_second "same pins" ""
test_second "same pins, clsact" -c
test_taken_off "as this kernel likes it" ""
test_taken_off "clsact" -c
test_pins_removed "pins" ""
test_pins_removed "pins, clsact" -c
test_two "as this kernel likes it" "" ""
test_two "clsact" -c -c
test_two "clsact first" -c ""
test_two "clsact second" "" -c
test_no_rights
done_testing
