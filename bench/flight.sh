#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the flight recorder costs: a shipper with one and a shipper without, beside each other,
# ten samples a second. CPU is the scheduler's own time of both, in turns of 10 s.
# BAR lines: name, value, limit, ok or short.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
work=$(mktemp -d)
pids=()
finish() {
	kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
bar() { awk -v n="$1" -v v="$2" -v l="$3" 'BEGIN { printf "BAR %s %s %s %s\n", n, v, l, v + 0 <= l + 0 ? "ok" : "short" }'; }

MEMORY=1048576
# ship NAME OPTION...: to nobody, over UDP: each sample is packed and sent all the same.
ship() {
	local name=$1
	shift
	"$B/ktach-shipper" --collector 127.0.0.1:9 --state "$work/$name" --no-net --interval 100ms --log error "$@" &
	pids+=($!)
}
ran_ns() { cut -d ' ' -f 1 "/proc/$1/schedstat"; }
pss_kib() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }

ship off
ship on --flight-memory $MEMORY --flight-on oom --flight-socket "$work/flight.sock"
sleep 5 # what a start costs
a=$(ran_ns "${pids[0]}") b=$(ran_ns "${pids[1]}")
sleep "${SECONDS_OF_BENCH:-60}"
off=$(($(ran_ns "${pids[0]}") - a)) on=$(($(ran_ns "${pids[1]}") - b))
samples=$((${SECONDS_OF_BENCH:-60} * 10))
echo "CPU a sample: $((off / samples / 1000)) us without, $((on / samples / 1000)) us with the recorder"
bar flight_cpu_times "$(awk "BEGIN { printf \"%.2f\", $on / $off }")" 1.5
more=$(($(pss_kib "${pids[1]}") - $(pss_kib "${pids[0]}")))
echo "memory: $more KiB more; the recorder may have $((MEMORY / 1024))"
# Beside its memory: what the frame under way, its encoder and samples that wait take.
bar flight_memory_kib "$more" $((MEMORY / 1024 + 256))
