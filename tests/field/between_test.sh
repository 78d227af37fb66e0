#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What lies between two sessions of a shipper, or two collectors: frames that were sent
# when no collector ran are counted by the next session, and a node that goes says
# where to, or that it ends.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
# In a network of its own nobody takes the port of a collector that is down.
if [ "$(id -u)" = 0 ] && [ -z "${KTACH_NETNS:-}" ]; then
	KTACH_NETNS=1 exec unshare --net -- bash tests/field/between_test.sh
fi
[ -z "${KTACH_NETNS:-}" ] || ip link set lo up
. tests/tap.sh
. tests/e2e/collector.sh

# listen NAME: a collector, whose port and page are kept: started again it is the same.
declare -A pid feed_of http_of
listen() {
	rm -f "$work/$1.log"
	background "$1.log" "$B/ktach-collector" --listen "127.0.0.1:${feed_of[$1]:-0}" --http "127.0.0.1:${http_of[$1]:-0}" --data "$work/$1"
	pid[$1]=$!
	wait_for 30 grep -q 'listening on' "$work/$1.log"
	feed_of[$1]=$(sed -n 's/.* udp .*:\([0-9]*\), .*/\1/p' "$work/$1.log")
	http_of[$1]=$(sed -n 's#.*http://127.0.0.1:\([0-9]*\)/.*#\1#p' "$work/$1.log")
}
# shut NAME SIGNAL: end a collector or shipper.
shut() {
	kill "-$2" "${pid[$1]}"
	wait "${pid[$1]}" 2>/dev/null
}
# numbered NAME: frames of all its sessions that have ended, as its state says.
numbered() { read -r _ next _ <"$work/state.$1/session" && echo $((next - 1)); }
# ship NAME TRANSPORT COLLECTOR [OPTION...]
ship() {
	background "$1.log" "$B/ktach-shipper" --collector "$3" --transport "$2" --state "$work/state.$1" --name "$1" \
		--no-net --interval 100ms --ship 100ms --flush 200ms "${@:4}"
	pid[$1]=$!
	wait_for 10 grep -q 'sending to' "$work/$1.log"
}
# kill_stored NAME: once all that came is in the history.
kill_stored() {
	wait_for 10 at "$1" health '.store.queued == 0'
	sleep 0.3 # taken, not committed
	wait_for 10 at "$1" health '.store.queued == 0'
	shut "$1" KILL
}
at() { http=127.0.0.1:${http_of[$1]} api "$2" "${@:3}"; }
loss() { at a "nodes/$1" | jq ".loss.$2"; }

listen a && listen b
ok $? "two collectors listen" "$work"/[ab].log
a=127.0.0.1:${feed_of[a]} b=127.0.0.1:${feed_of[b]}

# --- the end of a session, a whole session, and the end of one that was killed
for way in udp tcp; do
	ship $way $way "$a"
	check "$way: the node sends" wait_for 10 at a nodes/$way '.received > 5'
done
kill_stored a
sleep 2
for way in udp tcp; do
	shut $way TERM
	ship $way $way "$a"
done
sleep 1
for way in udp tcp; do
	shut $way KILL
	numbered $way >"$work/numbered.$way"
	ship $way $way "$a"
done
sleep 1
listen a
for way in udp tcp; do
	check "$way: a third session is taken, the second was never seen" \
		wait_for 20 at a nodes/$way '.state == "fresh" and .sessions == 2'
	before=$(cat "$work/numbered.$way")
	# What came of the third session, and what is missing of it, is no part of these.
	check "$way: each frame of the sessions before it came, or is lost" \
		wait_for 10 at a nodes/$way ".loss.received + .loss.lost - .sequence == $before"
	is "$(loss $way elsewhere)" 0 "$way: none is said to be elsewhere"
	check "$way: lost are those that were sent into the void" test "$(loss $way lost)" -ge 20
done
shut udp TERM
before=$(numbered udp)
shut a TERM
listen a
ship udp udp "$a"
wait_for 10 at a nodes/udp '.state == "fresh" and .sessions == 3'
is "$(at a nodes/udp | jq '.loss.received + .loss.lost - .sequence')" "$before" "a restart of both in between counts nothing twice"

# What found no place in the queue while no collector ran, up to the end of a session.
queue_lost() { read -r _ _ _ n _ <"$work/state.tcp/session" && echo "$n"; }
sheds() { [ "$(queue_lost)" -gt "$1" ]; }
before=$(queue_lost) had=$before
shut a TERM
for signal in TERM KILL; do
	shut tcp TERM
	ship tcp tcp "$a" --queue 131072 --interval 10ms --ship 10ms
	check "the queue sheds, for a session that ends by $signal" wait_for 10 sheds $((had + 200))
	shut tcp $signal
	had=$(queue_lost)
done
listen a
ship tcp tcp "$a"
wait_for 10 at a nodes/tcp '.state == "fresh"'
check "all of it is told by the next session" wait_for 10 at a nodes/tcp ".loss.queue == $had - $before"
shut a TERM
listen a
shut tcp TERM
ship tcp tcp "$a"
wait_for 10 at a nodes/tcp '.state == "fresh"'
is "$(loss tcp queue)" 0 "and once"
is "$(at a "losses/tcp?from=-1h&step=1m" | jq "[.steps[].queue] | add")" "$((had - before))" "as the minutes have it"

# An older shipper's state has the session alone.
shut udp TERM
sed -i 's/ .*//' "$work/state.udp/session"
lost=$(loss udp lost)
ship udp udp "$a"
wait_for 10 at a nodes/udp '.state == "fresh" and .sessions == 4'
is "$(loss udp lost)" "$lost" "a state without these numbers makes no loss"

# --- a node that goes
moved() { at a "nodes/$1" '.state == "moved" and .moved_to == "'"$b"'"' && at b "nodes/$1" '.state == "fresh"'; }
for way in udp tcp; do
	wait_for 20 at a nodes/$way '.state == "fresh"'
	shut $way TERM
	check "$way: it ends" wait_for 10 at a nodes/$way '.state == "ended" and .moved_to == null'
	printf 'collector = %s\ntransport = %s\n' "$a" $way >"$work/$way.conf"
	rm -f "$work/$way.log"
	background $way.log "$B/ktach-shipper" --config "$work/$way.conf" --state "$work/state.$way" --name $way \
		--no-net --interval 100ms --ship 100ms
	pid[$way]=$!
	check "$way: it is back" wait_for 10 at a nodes/$way '.state == "fresh"'
	sed -i "s/^collector.*/collector = $b/" "$work/$way.conf"
	kill -HUP "${pid[$way]}"
	check "$way: another collector by SIGHUP: the first one says where it went" wait_for 10 moved $way
done
check "sums leave them out, and count them" at a cluster '.nodes == { fresh: 0, late: 0, gone: 0, moved: 2, ended: 0 } and .left_out == 2 and .cpus == 0'
metrics() { curl -fs "http://127.0.0.1:${http_of[a]}/metrics"; }
is "$(metrics | grep -c '^ktach_node_left{.*how="moved",moved_to="'"$b"'"} 1$')" 2 "/metrics says where they went"
is "$(metrics | grep -c '^node_load1{')" 0 "and shows their last values no more"
shut tcp TERM
shut udp TERM
check "ended over there" wait_for 10 at b nodes '[.nodes[].state] == ["ended", "ended"]'
shut a TERM
kill_stored b
listen a && listen b
check "a restart knows that they moved" at a nodes '[.nodes[].state] == ["moved", "moved"]'
check "and that they ended" at b nodes '[.nodes[].state] == ["ended", "ended"]'
is "$(curl -fs "http://127.0.0.1:${http_of[b]}/metrics" | grep -c '^ktach_node_left{.*how="ended",moved_to=""} 1$')" 2 "/metrics says it, too"

# A spare that is left, over UDP: the first collector did not take frames for a while.
first=$a spare=$b first_name=a spare_name=b
ship udp udp "$a,$b"
if ! wait_for 5 at a nodes/udp '.state == "fresh"'; then
	first=$b spare=$a first_name=b spare_name=a
fi
[ -n "$first$spare" ]
shut $first_name KILL
check "udp: the spare serves" wait_for 20 at $spare_name nodes/udp '.state == "fresh"'
listen $first_name
if [ -n "${LONG:-}" ]; then
	check "udp: after a while it says that the node went home" \
		wait_for 90 at $spare_name nodes/udp '.state == "moved" and .moved_to == "'"$first"'"'
fi
done_testing
