#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one node can cost the collector with frames made for it
# (tests/e2e/attacker.c): its CPU time and its highest memory for each attack, all
# that the frames cause counted until they are folded, and how long its API took to
# answer meanwhile, at worst.
set -eu
cd "$(dirname "$0")/.."
B=${B:-build}
make -s "$B/tests/e2e/attacker"
work=$(mktemp -d)
collector=
trap '[ -z "$collector" ] || kill "$collector" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

cpu_ms() { cat /proc/"$collector"/task/*/schedstat | awk '{ s += $1 } END { printf "%.0f", s / 1e6 }'; }

# bar NAME VALUE MOST
bar() { echo "BAR $1 $2 $3 $([ "$2" -le "$3" ] && echo ok || echo short)"; }

# The time of each answer, in s.
watch() {
	while sleep 0.05; do
		curl -fs -m 10 -o /dev/null -w '%{time_total}\n' "http://$http/api/v1/health" || echo 10
	done >"$work/answers"
}

# attack NAME ARGUMENTS...
attack() {
	local name=$1 before watcher
	rm -rf "$work/data" "$work/log"
	"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" --unsealed \
		--history-memory 1 >"$work/log" 2>&1 &
	collector=$!
	until grep -qs "listening on" "$work/log"; do sleep 0.1; done
	feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/log")
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/log")
	before=$(cpu_ms)
	watch &
	watcher=$!
	"$B/tests/e2e/attacker" "$name" "$feed" "${@:2}" >/dev/null
	sleep 3 # until it is read, committed and begun with
	until curl -fs "http://$http/api/v1/health" | jq -e '.store.open_bytes < 1000000' >/dev/null; do sleep 0.2; done
	kill $watcher
	wait $watcher 2>/dev/null || true
	bar "attack_${name}_cpu_ms" "$(($(cpu_ms) - before))" 10000
	bar "attack_${name}_memory_mib" "$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$collector/status")" 256
	bar "attack_${name}_answer_ms" "$(sort -g "$work/answers" | awk 'END { print int($1 * 1000) }')" 2000
	kill "$collector"
	wait "$collector" 2>/dev/null || true
	collector=
}

attack poison 240000 7600
attack cells 100
attack falling 200000
attack sessions 10000
attack churn 3600 20 10
attack future 24
