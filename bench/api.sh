#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What questions about 10,000 nodes cost the collector, in CPU time of its threads
# by the scheduler's count, beside the same fleet as Prometheus would get it
# (/metrics); how long frames wait while it is scraped all the time, beside when
# it is not; and what a node takes of memory. Nodes are fleet.c's, with 8 CPUs and 2
# interfaces; the history holds 1 MiB of what is not packed yet. Then the same
# nodes with all that is known of a host, for their memory.
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
cpu_ns() {
	cat "/proc/$collector"/task/*/schedstat | awk '{ s += $1 } END { printf "%.0f", s }'
}
# cpu_ms ROUNDS PATH...: CPU time for each of the paths, once.
cpu_ms() {
	local before after i path rounds=$1
	shift
	before=$(cpu_ns)
	for ((i = 0; i < rounds; i++)); do
		for path; do curl -fs -o "$work/answer" "http://$http$path"; done
	done
	after=$(cpu_ns)
	awk "BEGIN { printf \"%.1f\", ($after - $before) / $rounds / 1e6 }"
}

# waiting_ms: the longest time that frames waited in the socket, of five rounds
# of the fleet, a second each.
waiting_ms() {
	"$B/tests/e2e/fleet" 127.0.0.1 "$feed" "$nodes" 8 5 1000 &
	python3 - "$feed" $! <<'END'
import os, sys, time
port, pid = "%04X" % int(sys.argv[1]), sys.argv[2]
longest, since, last = 0, None, time.monotonic()
while os.path.exists(f"/proc/{pid}/exe"):
    lines = [l.split() for l in open("/proc/net/udp") if f":{port} " in l]
    now, busy = time.monotonic(), any(int(l[4].split(":")[1], 16) for l in lines)
    # A watcher that was held up itself has seen nothing.
    if not busy or now - last > 0.05:
        since = None
    elif since is None:
        since = now
    else:
        longest = max(longest, now - since)
    last = now
    time.sleep(0.001)
print("%.0f" % (longest * 1e3))
END
	wait $!
}

# feed_all [whole]: three frames of each node; sets $a_node, bytes.
feed_all() {
	local empty known
	empty=$(memory)
	"$B/tests/e2e/fleet" 127.0.0.1 "$feed" "$nodes" 8 3 5000 "$@"
	known=$(curl -fs "http://$http/api/v1/losses" | jq '[.nodes[] | select(.loss.received == 3)] | length')
	[ "${known:-0}" -eq "$nodes" ] || {
		echo "bench/api: ${known:-0} of $nodes nodes sent all frames; the collector says:" >&2
		tail -n 3 "$work/log" >&2
		exit 1
	}
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
calm=$(waiting_ms)
(while :; do curl -s -o "$work/answer" "http://$http/metrics" || break; done) &
scraper=$!
scraped=$(waiting_ms)
kill $scraper 2>/dev/null || true
wait $scraper 2>/dev/null || true
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
printf 'frames wait at most %s ms, and %s ms while it is scraped all the time\n' "$calm" "$scraped"
printf 'memory: %d bytes a node, %d of a whole host\n' "$lean" "$a_node"
bar() {
	printf 'BAR %s %s %s %s\n' "$1" "$2" "$3" "$(awk "BEGIN { print $2 <= $3 ? \"ok\" : \"short\" }")"
}
bar api_summary_and_list_cpu_ms "$first" 20
bar api_metrics_cpu_ms "$metrics" 215
bar api_bytes_a_node "$lean" 16384
