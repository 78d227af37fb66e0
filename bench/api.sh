#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What questions about 10,000 nodes cost the collector, in CPU time of its main
# thread by the scheduler's count, beside the same fleet as Prometheus would get
# it (/metrics); and what a node takes of memory. Nodes are fleet.c's, with 8
# CPUs and 2 interfaces; the history holds 1 MiB of what is not packed yet. Then
# the same nodes with all that is known of a host, for their memory.
set -eu
cd "$(dirname "$0")/.."
B=${B:-build}
nodes=${NODES:-10000}
make -s "$B/tests/e2e/fleet"
work=$(mktemp -d)
trap 'kill "$collector" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

start() {
	"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" \
		--history-memory 1 >"$work/log" 2>&1 &
	collector=$!
	until grep -q 'listening on' "$work/log"; do sleep 0.1; done
	feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/log")
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/log")
}

memory() {
	awk '/^RssAnon/ { print $2 * 1024 }' "/proc/$collector/status"
}
# cpu_ms ROUNDS PATH...: CPU time of the main thread for each of the paths, once.
cpu_ms() {
	local before after i path rounds=$1
	shift
	before=$(cut -d' ' -f1 "/proc/$collector/task/$collector/schedstat")
	for ((i = 0; i < rounds; i++)); do
		for path; do curl -fs -o "$work/answer" "http://$http$path"; done
	done
	after=$(cut -d' ' -f1 "/proc/$collector/task/$collector/schedstat")
	awk "BEGIN { printf \"%.1f\", ($after - $before) / $rounds / 1e6 }"
}

# feed_all [whole]: three frames of each node; sets $a_node, bytes.
feed_all() {
	local empty known
	empty=$(memory)
	"$B/tests/e2e/fleet" 127.0.0.1 "$feed" "$nodes" 8 3 5000 "$@"
	known=$(curl -fs "http://$http/api/v1/losses" | jq '[.nodes[] | select(.loss.received == 3)] | length')
	[ "$known" -eq "$nodes" ] || { echo "bench/api: $known of $nodes nodes sent all frames" >&2; exit 1; }
	sleep 3
	a_node=$((($(memory) - empty) / nodes))
}

start
feed_all
# The first one finds all nodes changed since nobody asked.
first=$(cpu_ms 1 /api/v1/cluster /api/v1/nodes)
both=$(cpu_ms 20 /api/v1/cluster /api/v1/nodes)
summary=$(cpu_ms 20 /api/v1/cluster)
top=$(cpu_ms 20 '/api/v1/topk?metric=cpu.busy&over=cpus&k=10')
metrics=$(cpu_ms 5 /metrics)
curl -fs -o "$work/list" "http://$http/api/v1/nodes"
curl -fs -o "$work/metrics" "http://$http/metrics"
kill "$collector"
wait "$collector" || true
rm -rf "$work/data"
lean=$a_node
start
feed_all whole

printf '%d nodes; CPU of the collector, ms a request\n' "$nodes"
printf '  %-34s %8s\n' "summary and list, all nodes changed" "$first" \
	"summary and list, asked again" "$both" "cluster summary, asked again" "$summary" \
	"top 10 of $((nodes * 8)) CPUs" "$top" "/metrics" "$metrics"
printf '  /metrics costs %.1f times the summary and list, and has %.1f times the bytes\n' \
	"$(awk "BEGIN { print $metrics / $first }")" \
	"$(awk "BEGIN { print $(stat -c %s "$work/metrics") / $(stat -c %s "$work/list") }")"
printf 'memory: %d bytes a node, %d of a whole host\n' "$lean" "$a_node"
bar() {
	printf 'BAR %s %s %s %s\n' "$1" "$2" "$3" "$(awk "BEGIN { print $2 <= $3 ? \"ok\" : \"short\" }")"
}
bar api_summary_and_list_cpu_ms "$first" 50
bar api_bytes_a_node "$lean" 16384
