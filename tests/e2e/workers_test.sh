#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The threads that take frames: senders are shared out between them, on io_uring
# and without it; what was acknowledged is in the history once, whichever worker
# took it. A port that only UDP has free is not taken.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# begin NAME COMMAND...: a collector with an empty history.
begin() {
	rm -rf "$work/data"
	name=$1
	shift
	programs=$B
	if [ "$1" = refused ]; then
		mkdir -p "$work/bin"
		printf '#!/bin/sh\nexec %s/tests/e2e/no_uring %s/ktach-collector "$@"\n' \
			"$PWD/$B" "$PWD/$B" >"$work/bin/ktach-collector"
		chmod +x "$work/bin/ktach-collector"
		B=$work/bin
		shift
	fi
	collector_start "$@"
	B=$programs
}

# feed_all: by UDP and TCP, from many ports; each sample has to be there.
feed_all() {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		"$B/tests/e2e/fleet" 127.0.0.1 "$feed" $((i * 10)) 2 10 200 &
		senders[i]=$!
		"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/state.$name.$i" \
			$((i * 10000)) 400 3000 5 >"$work/feeder.$name.$i" 2>&1 &
		senders[i + 8]=$!
	done
	wait "${senders[@]}"
	check "$name: eight senders by TCP" wait_for 10 api nodes '[.nodes[] | select(.version == "1")] | length == 8'
	# Several senders have each id: a session of one ends that of another.
	check "$name: eighty nodes by UDP" api nodes '[.nodes[] | select(.version == "fleet")] | length == 80'
	check "$name: nothing was dropped for another reason than one id that several have" \
		api nodes '[.dropped | to_entries[] | select(.key | IN("duplicate", "late", "straggler") | not) | .value] | add == 0'
	curl -fs "http://$http/metrics" | grep -c '^node_cpu_seconds_total{instance="node-' >"$work/lines"
	check "$name: a helper answers /metrics" test "$(cat "$work/lines")" -ge $((80 * 2))
}

all_there() {
	kill "$collector"
	wait "$collector"
	is $? 0 "$name: the collector ends cleanly"
	is "$(tail -qn 1 "$work"/feeder."$name".* | sort | uniq -c | tr -s ' ')" " 8 shed 0 0 failed 0 left 0" \
		"$name: all was acknowledged"
	is "$(sqlite3 "$(history_rows "$work/data")" \
		"select mono_ns / 10000, count(*), count(distinct mono_ns) from cpu where mono_ns < 100000 group by 1")" \
		"$(for i in 1 2 3 4 5 6 7 8; do echo "$i|800|400"; done)" "$name: each sample is there, once"
}

begin four --workers 4
is "$(find /proc/"$collector"/fd -lname 'anon_inode:\[io_uring\]' | wc -l)" 4 "four: each has a ring"
feed_all
"$B/ktach-collector" --workers 2 --listen "127.0.0.1:$feed" --http 127.0.0.1:0 --data "$work/other" >"$work/other.log" 2>&1
is "$? $(grep -c 'another program has it' "$work/other.log")" "1 1" "four: the port is not shared with another collector"
all_there

begin polled --workers 2 --no-io-uring
is "$(find /proc/"$collector"/fd -lname 'anon_inode:\[io_uring\]' | wc -l)" 0 "polled: without a ring"
feed_all
all_there

begin refused refused
check "refused: the log says that there is no io_uring" \
	grep -q 'no io_uring (Operation not permitted); going on with ppoll()' "$work/collector.log"
feed_all
all_there

# Two ports to choose from, and TCP has one of them no more.
if [ "$(id -u)" = 0 ] && unshare --net true 2>/dev/null; then
	for try in 1 2 3 4 5 6; do
		# shellcheck disable=SC2016
		unshare --net -- bash -c 'ip link set lo up
			sysctl -qw net.ipv4.ip_local_port_range="41000 41001"
			python3 -c "import socket, time
s = socket.socket(); s.bind((\"127.0.0.1\", 41000)); s.listen(); time.sleep(60)" &
			holder=$!
			until ss -ltn | grep -q 41000; do sleep 0.05; done
			"$1" --listen 127.0.0.1:0 --http 127.0.0.1:8766 --data "$2" >"$3" 2>&1 &
			until grep -q "listen.* on" "$3"; do sleep 0.05; done
			kill $! $holder
			wait' - "$B/ktach-collector" "$work/port.data" "$work/port.$try"
	done
	is "$(grep -ho 'udp 127.0.0.1:[0-9]*' "$work"/port.? | sort | uniq -c | tr -s ' ')" " 6 udp 127.0.0.1:41001" \
		"a port that is free for both is found"
else
	skip "a port that is free for both is found" "needs root and network namespaces"
fi
done_testing
