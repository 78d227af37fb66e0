#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A collector hangs (SIGSTOP): its kernel goes on to acknowledge TCP, so only the
# deadline on its own acknowledgements tells. The spare serves; no sample is
# missing, and none is there twice; then the first one serves again.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# collect NAME: sets $feed and $http; the log and history are NAME's.
collect() {
	background "$1.log" "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/$1"
	collector=$!
	wait_for 30 grep -q 'listening on' "$work/$1.log"
	feed=$(sed -n 's/.* udp .*:\([0-9]*\), .*/\1/p' "$work/$1.log")
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/$1.log")
}

collect a
pid_a=$collector feed_a=$feed http_a=$http
collect b
pid_b=$collector feed_b=$feed http_b=$http
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed_a,127.0.0.1:$feed_b" --transport tcp \
	--state "$work/state" --no-net --interval 100ms --ship 200ms --name node --patience 2s
shipper=$!
serves() { http=$1 api nodes/node "$2"; }
either() { serves "$http_a" '.received > 10' || serves "$http_b" '.received > 10'; }
check "one of the two serves" wait_for 20 either
if serves "$http_a" .; then
	first=a first_pid=$pid_a first_feed=$feed_a second=b second_http=$http_b
else
	first=b first_pid=$pid_b first_feed=$feed_b second=a second_http=$http_a
fi
first_http=$http_a
[ "$first" = a ] || first_http=$http_b
# What it has taken and not yet stored would be in both.
wait_for 10 eval 'http=$first_http api health ".store.queued == 0"'
kill -STOP "$first_pid"
check "while it hangs, the spare serves" wait_for 20 serves "$second_http" '.received > 10'
check "the shipper says why it left" grep -q ":$first_feed: it takes frames and acknowledges none" "$work/shipper.log"
kill -CONT "$first_pid"
check "the first one says where the node went" \
	wait_for 10 serves "$first_http" '(.moved_to // "") | startswith("127.0.0.1:")'
http=$first_http
check "what it found in its buffers is counted at the node, too" drops_add_up
kill "$shipper"
wait "$shipper"
is $? 0 "the shipper ends cleanly"
for pid in $pid_a $pid_b; do
	kill "$pid"
	wait "$pid"
done
first_rows=$(history_rows "$work/$first") second_rows=$(history_rows "$work/$second")
gap=$(sqlite3 "$first_rows" "attach '$second_rows' as other;
	select max(gap) from (select ms - lag(ms) over (order by ms) as gap from (
		select mono_ns / 1000000 as ms from main.cpu union select mono_ns / 1000000 from other.cpu))")
check "no sample is missing between the two histories (at most $gap ms apart)" test "$gap" -lt 1000
is "$(sqlite3 "$first_rows" "attach '$second_rows' as other;
	select count(*) from (select distinct mono_ns from main.cpu) join (select distinct mono_ns from other.cpu) using (mono_ns)")" \
	0 "none is in both"
done_testing
