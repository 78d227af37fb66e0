#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where nothing happens the log says nothing: after five seconds of each program, and
# after its end, there are the lines of its start, and no other.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# lines LOG: which of the known ones are there, by their numbers, and others as they are.
lines() {
	sed -E -e 's|^ktach-collector: listening on http://127\.0\.0\.1:[0-9]+/, for frames on udp 127\.0\.0\.1:[0-9]+, and tcp, history in .*/data$|listening|' \
		-e 's|^ktach-shipper: here: sending to 127\.0\.0\.1:[0-9]+ by udp$|sending|' \
		-e 's|^ktach-shipper: cpu times from .*|cpu|' -e 's|^ktach-shipper: softirqs from .*|softirq|' "$work/$1" | paste -sd ' '
}

collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --process-no-bpf yes --name here \
	--state "$work/state"
shipper=$!
background watch.out bash -c 'exec "$0" watch cpu --interval 500ms 2>"$1"' "$B/bin/ktach" "$work/watch.log"
watch=$!
check "samples are taken" wait_for 10 api nodes/here '.cpu.share != null'
sleep 5
is "$(lines collector.log)" "listening" "the collector has said where it listens"
is "$(lines shipper.log)" "sending cpu softirq" "the shipper has said where it sends, and what it reads"
check "ktach has shown something" test "$(wc -l <"$work/watch.out")" -gt 10
is "$(cat "$work/watch.log")" "" "and had nothing to say"
kill "$watch" "$shipper"
wait "$watch" "$shipper"
check "the node's end is seen" wait_for 10 api nodes/here '.state == "ended"'
kill "$collector"
wait "$collector"
is "$? $(lines collector.log)" "0 listening" "the collector ends without a word"
is "$(lines shipper.log)" "sending cpu softirq" "and so did the shipper"
done_testing
