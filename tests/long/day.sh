#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A day in the shipper's life, a thousand times as fast: memory, descriptors and
# files do not grow, with a collector that is away for an hour now and then.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/long/life.sh
speed=1000 hours=24
hour=$((3600 / speed)) # real seconds, rounded down
life_keys
feed=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# memory_kb KEY: a figure of smaps_rollup.
memory_kb() {
	awk -v key="$1:" '$1 == key { print $2 }' "/proc/$shipper/smaps_rollup"
}
# descriptors: those that stay. Some are open for a moment only, as when folders
# of /sys are read, which at this speed is every 60 ms: the least of some looks.
descriptors() {
	for _ in {1..50}; do
		find "/proc/$shipper/fd" -type l | wc -l
		sleep 0.013
	done | sort -n | head -n 1
}
# used: the shipper's own memory in kB, descriptors, files of its spool. Code that
# it comes to for the first time, as when a collector is away, is no growth.
used() {
	echo "$(memory_kb Anonymous)" \
		"$(descriptors)" "$(find "$work/spool" -type f | wc -l)"
}
# at HOUR: wait for it.
at() {
	local left=$((start + $1 * 3600 / speed - SECONDS))
	[ $left -le 0 ] || sleep $left
}

life_collector
check "the clock builds" "${CC:-cc}" -O2 -shared -fPIC -D_GNU_SOURCE -o "$work/fast_clock.so" tests/preload/fast_clock.c
background shipper.log env LD_PRELOAD="$work/fast_clock.so" FAST_CLOCK=$speed "$B/ktach-shipper" \
	--collector "127.0.0.1:$feed" --transport tcp --key "$work/node.key" --state "$work/state" --name node \
	--spool "$work/spool" --no-io-uring --no-net --interval 1s --ship 1s
shipper=$!
start=$SECONDS
at 3
read -r memory fds files < <(used)
echo "# after 3 hours: $memory kB, $fds descriptors, $files files"
for away in 6 12 18; do
	at $away
	kill "$collector"
	wait "$collector"
	sleep $((hour + 1))
	life_collector
done
at $hours
# What waited has left.
wait_for 240 eval '[ "$(cat "$work"/spool/* 2>/dev/null | wc -c)" -lt 100000 ]'
read -r memory_end fds_end files_end < <(used)
echo "# after $hours hours: $memory_end kB, $fds_end descriptors, $files_end files"
check "memory has not grown ($memory kB, then $memory_end kB)" test "$memory_end" -le $((memory + 128))
rss=$(memory_kb Rss)
check "it is small at all ($rss kB with code)" test "$rss" -le 6144
check "nor descriptors ($fds, then $fds_end)" test "$fds_end" -le "$fds"
check "nor files ($files, then $files_end)" test "$files_end" -le $((files + 1))
kill "$shipper"
wait "$shipper"
is $? 0 "the shipper ends cleanly"
received=$(api nodes/node | jq .received)
lost=$(api nodes/node | jq .loss.lost)
# Some 80000; a busy machine gets to fewer of them, and none of them is lost.
is "$lost" 0 "no frame of a day was lost"
check "$received frames arrived" [ "$received" -gt 1000 ]
kill "$collector"
wait "$collector"
is "$("$B/ktach-collector" export --data "$work/data" --table cpu |
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "mono_ns") c = i; next }
		{ if (!min || $c < min) min = $c; if ($c > max) max = $c } END { print (max - min > 23 * 3600e9) }')" 1 \
	"they span the day"
done_testing
