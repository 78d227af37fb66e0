#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SENDERS shippers (10,000) come back at once with FRAMES frames (60) of the last hour
# each, over TCP, and 20 others send as things happen: how long until all is stored,
# how long live frames wait meanwhile, and how much memory and time of a CPU the
# collector takes: that is the same on a machine that has other things to do.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
senders=${SENDERS:-10000} frames=${FRAMES:-60}
work=$(mktemp -d)
trap 'kill $collector; wait $collector 2>/dev/null; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -Hn)"
"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" \
	--feed-per-address 100000 2>"$work/log" &
collector=$!
for _ in $(seq 100); do grep -q listening "$work/log" && break; sleep 0.1; done
port=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/log")
read -r _ drained _ live < <("$B/bench/storm" "$port" "$senders" "$frames" 20)
cpu=$(awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hz }' "/proc/$collector/stat")
peak=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$collector/status")
# bar NAME VALUE MOST
bar() {
	echo "BAR $1 ${2:-none} $3 $(awk -v v="$2" -v l="$3" 'BEGIN { print v != "" && v + 0 <= l + 0 ? "ok" : "short" }')"
}
bar storm_drain_seconds "$drained" 60
bar storm_live_wait_seconds "$live" 10
bar storm_memory_mib "$peak" 700
bar storm_cpu_seconds "$cpu" 20
