#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A bad network and a collector that is killed again and again: over TCP every
# sample is in the history exactly once, with its values; over UDP what is
# missing is what the collector says is missing. CUT=600 makes the cut last ten
# minutes; LONG=1 or KILLS=100 kills the collector a hundred times, and the sender, too.
# Waits mostly
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
real_ns=$((($(date +%s) / 2592000 * 2592000 - 86400) * 1000000000)) # of feeder.c
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -c /dev/net/tun ] || skip_all "needs /dev/net/tun"

near=ktach-sn-$$ far=ktach-sf-$$
work_finish=$(trap -p EXIT | sed "s/.*'\(.*\)'.*/\1/")
trap '$work_finish; ip netns del $near 2>/dev/null; ip netns del $far 2>/dev/null' EXIT

# cable LOSS DUPLICATE REORDER DELAY_MS: between 192.0.2.1 and 192.0.2.2.
cable() {
	ip netns add $near && ip netns add $far
	background relay.log "$B/tests/e2e/relay" $near $far "$@"
	relay=$!
	wait_for 5 grep -q ready "$work/relay.log"
	for side in "$near 1" "$far 2"; do
		# shellcheck disable=SC2086
		set -- $side
		ip -n "$1" addr add "192.0.2.$2/24" dev wire
		ip -n "$1" link set wire mtu 1500 up
		ip -n "$1" link set lo up
	done
}

uncable() {
	kill "$relay"
	wait "$relay" 2>/dev/null
	ip netns del $near
	ip netns del $far
}

# collect NAME: the collector in the far namespace, with its history in NAME.
collect() {
	ip netns exec $far "$B/ktach-collector" --listen 192.0.2.2:4766 --unsealed \
		--http 127.0.0.1:8766 --keep 3650d --workers 2 --data "$work/$1" >>"$work/$1.log" 2>&1 &
	collector=$!
	pids+=($!)
	disown $!
}

# gone PID: and the history is closed.
gone() {
	while kill -0 "$1" 2>/dev/null; do sleep 0.05; done
}

end_collector() {
	kill "$collector"
	gone "$collector"
}

# feed NAME ARGUMENTS...: from the near namespace, as node NAME.
feed() {
	local name=$1
	shift
	ip netns exec $near "$B/tests/e2e/feeder" "$1" 192.0.2.2:4766 "$work/$name.state" \
		"${@:2}" >>"$work/$name.out" 2>>"$work/$name.err"
}

# ask NAME SQL: of NAME's history, which nobody writes to any more.
ask() {
	[ -s "$work/$1/rows.db" ] || history_rows "$work/$1" >/dev/null
	sqlite3 "$work/$1/rows.db" "$2"
}

# all_there NAME FIRST LAST: each sample once, with every value.
all_there() {
	local n=$(($3 - $2 + 1))
	is "$(ask "$1" "select count(*), count(distinct mono_ns), min(mono_ns), max(mono_ns) from cpu")" \
		"$((2 * n))|$n|$2|$3" "$1: each sample of the CPUs is there, once"
	is "$(ask "$1" "select count(*) from cpu where real_ns != $real_ns + mono_ns or
		user_ns != mono_ns*1000 + (cpu-1)*100 + 2 or guest_nice_ns != mono_ns*1000 + (cpu-1)*100 + 11")" \
		0 "$1: with the values that were sent"
	is "$(ask "$1" "select count(*), sum(tx_packets_per_s = mono_ns*1000 + 8) from net")" "$n|$n" \
		"$1: so are those of the interface"
	is "$(tail -n 1 "$work/$1.out")" "shed 0 0 failed 0 left 0" "$1: the sender lost nothing"
	# Frames of a session are numbered without a gap.
	is "$(ask "$1" "select count(*) from session where stored = 0")" 0 "$1: every session has its mark"
}

# --- TCP
cable 5 5 20 20
collect loss
feed loss tcp 1 1500 4000 5
end_collector
all_there loss 1 1500
uncable

cable 0 0 0 500
collect delay
feed delay tcp 1 300 10000 5 polled
end_collector
all_there delay 1 300
uncable

cable 0 0 0 1
collect cut
feed cut tcp 1 2500 4000 5 &
feeder=$!
sleep 2
kill -USR1 $relay
sleep "${CUT:-6}"
kill -USR2 $relay
wait $feeder
end_collector
if [ "${CUT:-6}" -le 6 ]; then
	all_there cut 1 2500
else
	is "$(ask cut "select count(*) from cpu") $(tail -n 1 "$work/cut.out")" \
		"$((2 * (2500 - $(awk '/^shed/ { print $2 }' "$work/cut.out")))) $(tail -n 1 "$work/cut.out")" \
		"cut: what is missing was counted"
fi

# Every other time perhaps while it starts.
kills=${KILLS:-${LONG:+100}}
kills=${kills:-12}
at_work() { grep -c 'listening on' "$work/killed.log"; }
more_than() { [ "$(at_work)" -gt "$1" ]; }
collect killed
each=$((kills > 50 ? 200 : 400))
feed killed tcp 1 $((kills * each)) 4000 5 patient &
feeder=$!
before=0
for kill in $(seq "$kills"); do
	[ $((kill % 2)) -eq 0 ] || wait_for 60 more_than "$before"
	sleep "0.$((RANDOM % 900 + 100))"
	kill -9 "$collector"
	gone "$collector"
	before=$(at_work)
	collect killed
done
wait $feeder
end_collector
all_there killed 1 $((kills * each))
check "killed: the collector was killed $kills times, and started to its end $(at_work) times" \
	more_than $((kills / 2))
check "killed: the history is whole" into "$work/check.out" "$B/ktach-collector" check --data "$work/killed"

# The sender is killed as often, with its frames on disk; half the time nobody
# is there to take them.
end_collector_later=
next=1
rounds=${LONG:+100}
rounds=${rounds:-10}
for round in $(seq "$rounds"); do
	[ "$round" -eq $((rounds / 2)) ] && collect spool && end_collector_later=1
	feed spool tcp $next 100000 4000 5 spool "$work/spool" &
	feeder=$!
	sleep 0.8
	kill -9 "$(pgrep -P $feeder)" 2>/dev/null || kill -9 $feeder
	wait $feeder 2>/dev/null
	next=$(($(awk '/^done/ { n = $2 } END { print n + 0 }' "$work/spool.out") + 1))
done
feed spool tcp $next 200 4000 5 spool "$work/spool"
[ -n "$end_collector_later" ] && end_collector
all_there spool 1 $((next + 199))
check "spool: there was something to lose ($next samples before the last start)" test "$next" -gt 500
check "spool: from many sessions of a sender that was killed" test "$(ask spool 'select count(*) from session')" -ge 6
is "$(find "$work/spool" -name '*.spool' -size +0 | wc -l)" 0 "spool: nothing stays on disk"

# A day's samples at full speed: nothing grows.
collect day
feed day tcp 1 86400 200 5 patient
end_collector
all_there day 1 86400
is "$(awk '/^grown/ { print ($2 <= 16) }' "$work/day.out")" 1 \
	"day: no memory was added in its second half ($(grep grown "$work/day.out") kB)"
uncable

# --- UDP
cable 5 3 10 5
collect udp
feed udp udp 1 2000 3000 5
sleep 1.5
ip netns exec $far curl -fs http://127.0.0.1:8766/api/v1/nodes >"$work/udp.json"
end_collector
frames=$(grep -c '^done' "$work/udp.out")
read -r received lost < <(jq -r '.nodes[0] | "\(.received) \(.lost)"' "$work/udp.json")
is "$((received + lost))" "$frames" "udp: frames that came and those reported missing are those sent"
check "udp: some were lost ($lost)" test "$lost" -gt 5
is "$(ask udp "select count(*) from cpu")" "$((received * 10))" "udp: what came is stored, once"
uncable
done_testing
