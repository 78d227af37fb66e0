#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the collector "latency" costs: `perf bench sched messaging`, and `sched pipe`, of which
# each operation is two switches, with its BPF programs and without, in turns. What others
# do meanwhile makes a round longer and never shorter: of each the shortest of ROUNDS
# counts. Needs perf.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}
command -v perf >/dev/null || { echo "perf is not installed (linux-perf)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

switches() {
	awk '$1 == "ctxt" { print $2 }' /proc/stat
}

# round NAME KIND OPTION...: ms and switches of a run, appended to NAME.KIND.
round() {
	local before s name=$1 kind=$2
	shift 2
	before=$(switches)
	s=$(perf --no-pager bench --format=simple sched "$kind" "$@")
	awk -v s="$s" -v n=$(($(switches) - before)) 'BEGIN { printf "%d %d\n", 1000 * s, n }' >>"$work/$name.$kind"
}

rounds() {
	round "$1" messaging -g 4 -l 500
	round "$1" pipe -l 100000
}

# attached PID: its programs run.
attached() {
	[ "$(ls -l "/proc/$1/fd" | grep -c bpf_link)" -ge 8 ]
}

for _ in $(seq "${ROUNDS:-7}"); do
	rounds without
	"$B/bin/ktach" show latency --interval 600s >/dev/null 2>"$work/err" &
	ktach=$!
	wait_for 30 attached $ktach || { cat "$work/err" >&2; kill $ktach; exit 1; }
	rounds with
	kill $ktach
	wait $ktach 2>/dev/null
done
for kind in messaging pipe; do
	{
		sort -n "$work/without.$kind" | head -n 1
		sort -n "$work/with.$kind" | head -n 1
	} | awk -v kind="$kind" 'NR == 1 { ms = $1; n = $2 } NR == 2 {
		printf "%s: %d ms with %d switches; without latencies %d ms with %d: %.1f %%, %d ns a switch\n",
			kind, $1, $2, ms, n, 100 * ($1 - ms) / ms, 1e6 * ($1 - ms) / $2 }'
done
