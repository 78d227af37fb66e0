#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The feed's door: connections that are only held, whole crowds of them, shut
# nobody out, need little memory, go after a while, and are told of. With LONG=1 once
# more without io_uring.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# crowd_start COUNT KIND [back]: a crowd at the feed's door; ask it by crowd_open.
crowd_start() {
	coproc CROWD { exec python3 tests/e2e/crowd.py "$feed" "$@"; }
	crowd=$CROWD_PID
	read -rt "$(patience 200)" line <&"${CROWD[0]}"
	is "$line" there "a crowd has come: $*"
}
crowd_open() {
	local open
	echo >&"${CROWD[1]}"
	read -rt 100 _ open <&"${CROWD[0]}"
	echo "$open"
}
crowd_is() { [ "$(crowd_open)" = "$1" ]; }
crowd_end() { kill "$crowd"; wait "$crowd" 2>/dev/null; }

# A sender that comes now: all of its samples are acknowledged.
good_sender() {
	timeout "$(patience 100)" "$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$(mktemp -d -p "$work")" \
		1 50 2000 5 patient >"$work/feeder"
	grep -q 'left 0' "$work/feeder" || { cat "$work/feeder"; return 1; }
}
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$collector/status"; }
memory_is_back() { [ "$(rss_kb)" -le $((before + before / 10)) ]; }
# a_minute TEXT: the log has such a line, and one a minute since $since at most.
a_minute() {
	local lines
	lines=$(grep -c "$1" "$work/collector.log")
	[ "$lines" -ge 1 ] && [ "$lines" -le $((1 + (SECONDS - since) / 60)) ]
}
well() {
	check "$1: a good sender is acknowledged" good_sender
	# Two good senders at once, of another month, make the clock seem wrong.
	check "$1: the page answers" api health '.store.failing == false'
}


collector_stop() {
	kill "$collector"
	wait "$collector"
}

for loop in "" ${LONG:+--no-io-uring}; do
	collector_start --first-frame 5s $loop
	good_sender # what all need once is there
	before=$(rss_kb) since=$SECONDS
	crowd_start 6000 half
	well "half frames $loop"
	check "they are closed when they take too much memory" api health '.refused.feed.memory > 4000'
	check "together they take 64 MiB at most" test "$(rss_kb)" -le $((before + 90000))
	check "the others go when their time is over" wait_for 60 crowd_is 0
	check "as those whose first frame did not come" api health '.refused.feed.first_frame > 500'
	check "their memory is given back" wait_for 60 memory_is_back
	rss_kb | sed 's/^/# KiB now: /'
	crowd_end
	check "the log has a line a minute of it" a_minute 'feed: .* all memory for such'
	collector_stop
done

# With few descriptors, and a crowd that comes back as soon as it is sent away.
bash -c "ulimit -n 300; exec \"$B/ktach-collector\" --listen 127.0.0.1:0 --http 127.0.0.1:0 \
	--data \"$work/few\"" 2>"$work/collector.log" &
collector=$!
pids+=("$collector")
check "a collector that may open 300 files listens" wait_for 100 grep -q 'listening on' "$work/collector.log"
feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/collector.log")
http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
check "it says how they are shared" grep -q '300 open files are allowed: 144 connections of shippers and 48 of visitors' "$work/collector.log"
since=$SECONDS
for kind in idle trickle; do
	crowd_start 400 $kind back 127.0.0.2
	well "$kind ones that come back"
	crowd_end
done
check "the oldest were closed" wait_for 60 api health '.refused.feed.silent > 200'
check "the log has a line a minute of it, not a hundred" a_minute 'feed: .* silent for longest'
counted() { curl -fs "http://$http/metrics" | grep -q '^ktach_collector_refused_total{door="feed",reason="silent"} [1-9]'; }
check "metrics count them, by door and reason" wait_for 60 counted
collector_stop

# An address that holds all that it may have: others, and its own senders, get in.
collector_start --feed-connections 200 --feed-per-address 20
crowd_start 60 idle
check "an address has as many as it may have" wait_for 60 crowd_is 20
well "a full address"
crowd_end
collector_stop

collector_start --first-frame 2s
crowd_start 50 header
check "half headers go, too" wait_for 60 crowd_is 0
check "and are counted" api health '.refused.feed.first_frame == 50'
crowd_end
collector_stop
done_testing
