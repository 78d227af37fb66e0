#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: fleet.sh, or make bench-fleet; NODES="300 10000".
# The collector with its history on Redis beside the same on SQLite, fed alike, one after the
# other: CPU time of the collector a value, system time included, and that of all Redis
# servers. Nodes send a frame of five samples each five seconds, by TCP. Servers are a
# cluster of three masters with a replica each, which write their files each second.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/redis.sh
ulimit -n "$(ulimit -Hn)"
hz=$(getconf CLK_TCK)

# ticks PID...: of all of them.
ticks() { for p in "$@"; do cat "/proc/$p/stat"; done | awk '{ sub(/.*\) /, ""); n += $12 + $13 } END { print n }'; }

# measure NAME NODES SECONDS MIB OPTION...: sets $spent and $served, ns a value.
measure() {
	local name=$1 nodes=$2 seconds=$3 mib=$4 before servers values
	shift 4
	collector_start --unsealed --history-memory "$mib" --feed-connections 20000 --feed-per-address 20000 "$@" >/dev/null
	before=$(ticks "$collector") servers=$(ticks "${redis_pids[@]}")
	values=$("$B/bench/collect_feed" ktach-paced "$feed" "$nodes" "$seconds") || exit 1
	sleep 3
	spent=$(awk "BEGIN { print ($(ticks "$collector") - $before) / $hz * 1e9 / $values }")
	served=$(awk "BEGIN { print ($(ticks "${redis_pids[@]}") - $servers) / $hz * 1e9 / $values }")
	kill "$collector"
	wait "$collector"
	rm -rf "$work/data"
	printf '# %s nodes, %s: collector %.1f ns a value, servers %.1f\n' "$nodes" "$name" "$spent" "$served"
}
bar() { awk -v n="$1" -v v="$2" -v l="$3" 'BEGIN { printf "BAR %s %.3f %s %s\n", n, v, l, v <= l ? "ok" : "short" }'; }

cluster_start 3 1 || exit 1
for nodes in ${NODES:-300 10000}; do
	seconds=$([ "$nodes" -gt 1000 ] && echo 30 || echo 90)
	mib=$((nodes * seconds / 8192 + 1))
	measure SQLite "$nodes" "$seconds" "$mib"
	sqlite=$spent
	measure Redis "$nodes" "$seconds" "$mib" --history "redis://127.0.0.1:${redis_ports[0]}/bench$nodes"
	bar "fleet_collector_of_sqlite_$nodes" "$(awk "BEGIN { print $spent / $sqlite }")" 1.15
	bar "fleet_servers_of_collector_$nodes" "$(awk "BEGIN { print $served / $spent }")" 0.35
done
