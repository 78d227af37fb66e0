#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two collectors: the node takes one, goes to the other when it is killed, and
# no sample is missing; names and IPv6; without io_uring; a stream of nonsense.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# collect NAME ADDRESS: sets $feed and $http; the log and history are NAME's.
collect() {
	background "$1.log" "$B/ktach-collector" --listen "$2" --http 127.0.0.1:0 --data "$work/$1"
	collector=$!
	wait_for 5 grep -q 'listening on' "$work/$1.log"
	feed=$(sed -n 's/.* udp .*:\([0-9]*\), .*/\1/p' "$work/$1.log")
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/$1.log")
}
ask() { sqlite3 "$(history_rows "$work/$1" 2>/dev/null)" "$2" 2>/dev/null; }
has_frames() { [ "$(ask "$1" 'select count(*) from session')" = 1 ]; }
ship() {
	local log=$1
	shift
	background "$log" "$@" --no-net --name here --interval 20ms --ship "${every:-100ms}"
	shipper=$!
}

# --- a spare
stall_watch
collect a 127.0.0.1:0
a_pid=$collector a=$feed
collect b '[::1]:0'
b_pid=$collector b=$feed
ship spare.log "$B/ktach-shipper" --collector "localhost:$a, [::1]:$b" --transport tcp --state "$work/state"
either() { has_frames a || has_frames b; }
check "one of the two gets the frames" wait_for 10 either
sleep 1
if has_frames a; then
	first=a first_pid=$a_pid second=b
else
	first=b first_pid=$b_pid second=a
fi
is "$(ask $second 'select count(*) from session')" 0 "only one: $first"
kill -9 "$first_pid"
wait "$first_pid" 2>/dev/null
check "the other one gets them when that is killed" wait_for 10 has_frames $second
sleep 1
kill $shipper
wait $shipper
is $? 0 "the shipper ends cleanly"
ask $first 'select 1' >/dev/null # recover what is in its log
history_rows "$work/$first" >/dev/null
history_rows "$work/$second" >/dev/null
gaps=$(sqlite3 "$work/$first/rows.db" "attach '$work/$second/rows.db' as other;
	select max(gap) from (select ms - lag(ms) over (order by ms) as gap from (
		select mono_ns / 1000000 as ms from main.cpu union select mono_ns / 1000000 from other.cpu))")
stall=$(stall_ms)
check "no sample is missing between the two (at most $gaps ms apart, on a machine that stalls for $stall)" \
	test "$gaps" -lt $((300 + 3 * stall))
frames=$(sqlite3 "$work/$first/rows.db" "attach '$work/$second/rows.db' as other;
	select (select stored from other.session) > (select stored from main.session)")
is "$frames" 1 "the session goes on there"
kill "$a_pid" "$b_pid" 2>/dev/null

# --- by name, over UDP
collect named 127.0.0.1:0
ship named.log "$B/ktach-shipper" --collector "localhost:$feed" --state "$work/named.state"
check "a name is looked up" wait_for 10 api nodes/here '.cpu.share != null'
kill $shipper
wait $shipper

# --- by a name with two addresses, of which nobody answers at the first
if [ "$(id -u)" = 0 ]; then
	printf '::1 two.test\n127.0.0.1 two.test\n' >"$work/hosts"
	export hosts=$work/hosts
	for transport in udp tcp; do
		every=20ms ship two-$transport.log unshare -m bash -c 'mount --bind "$hosts" /etc/hosts && exec "$@"' - \
			"$B/ktach-shipper" --collector "two.test:$feed" --unsealed --transport $transport --state "$work/two-$transport.state"
		wait_for 10 test -s "$work/two-$transport.state/node-id"
		id=$(cat "$work/two-$transport.state/node-id")
		check "the other address of a name is tried, by $transport" \
			wait_for 10 api nodes "[.nodes[] | select(.id == \"$id\" and .received > 20)] | length == 1"
		kill $shipper
		wait $shipper
	done
else
	skip "the other address of a name is tried" "needs root"
fi

# --- without io_uring
for transport in udp tcp; do
	ship refused-$transport.log "$B/tests/e2e/no_uring" "$B/ktach-shipper" --collector "127.0.0.1:$feed" \
		--transport $transport --state "$work/$transport.state"
	wait_for 10 test -s "$work/$transport.state/node-id"
	id=$(cat "$work/$transport.state/node-id")
	check "without io_uring: frames arrive by $transport" \
		wait_for 10 api nodes "[.nodes[] | select(.id == \"$id\" and .received > 20 and .lost == 0)] | length == 1"
	is "$(grep -c 'no io_uring (Operation not permitted); going on with ppoll' "$work/refused-$transport.log")" 1 \
		"and it says so once"
	kill $shipper
	wait $shipper
	is $? 0 "and it ends cleanly"
done

# --- nonsense on TCP
exec 3<>"/dev/tcp/127.0.0.1/$feed"
printf 'GET / HTTP/1.1\r\nHost: collector.example.net\r\nUser-Agent: somebody who took the wrong port\r\n\r\n' >&3
is "$(timeout 5 cat <&3 | wc -c)" 0 "a stream of something else is closed without an answer"
exec 3>&-
check "and counted" wait_for 5 api nodes '.dropped.magic == 1'
exec 3<>"/dev/tcp/127.0.0.1/$feed"
printf 'KTCH' >&3
ship after.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --state "$work/tcp.state"
check "a stream that says nothing keeps nobody" \
	wait_for 10 api nodes "[.nodes[] | select(.id == \"$id\" and .state == \"fresh\")] | length == 1"
exec 3>&-
kill $shipper
wait $shipper
# What a name server sends is read by a process that has nothing of the shipper's.
if command -v strace >/dev/null; then
	timeout 5 strace -f -e trace=execve,close_range,capset -o "$work/trace" "$B/ktach-shipper" --collector "localhost:$feed" \
		--no-net --state "$work/traced.state" >"$work/traced.log" 2>&1
	check "a look-up is a program of its own" grep -q 'execve("/proc/self/exe", \["ktach-shipper", "resolve", "localhost' "$work/trace"
	check "without the shipper's descriptors" grep -q 'close_range(3, 4294967295, 0) *= 0' "$work/trace"
	check "and without its rights" grep -q 'capset(.*effective=0, permitted=0, inheritable=0}) = 0' "$work/trace"
else
	skip "a look-up has nothing of the shipper's" "strace is not here"
fi
done_testing
