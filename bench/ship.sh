#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: ship.sh, or make bench-ship; SECONDS_EACH=60 measures longer.
# What the shipper costs at one sample a second from /proc, next to the leanest
# agent that reads the same files, and to Debian's agents, all of them at the
# same time: with CPU times and softirqs alone, and with all that it sends by
# default ("full"; as root with the packet counters, too). CPU is user and system time of all threads, from schedstat. The
# agents are unpacked into the cache, not installed: nothing of theirs starts.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
seconds=${SECONDS_EACH:-30}
work=$(mktemp -d)
pins=/sys/fs/bpf/ktach-bench-$$
pids=()
finish() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	wait 2>/dev/null
	[ ! -d "$pins" ] || "$B/ktach-shipper" --pins "$pins" --detach
	rm -rf "$work"
}
trap finish EXIT

. bench/agents.sh

declare -A pid
# agent NAME COMMAND...: start it.
agent() {
	local name=$1
	shift
	"$@" >"$work/$name.log" 2>&1 &
	pid[$name]=$!
	pids+=($!)
}

mkdir -p "$B/bench"
${CC:-cc} -O2 -o "$B/bench/lean" bench/lean.c || exit 1
# Someone who takes the datagrams, and does nothing with them.
agent sink python3 -c '
import select, socket
s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(6)]
for i, x in enumerate(s): x.bind(("127.0.0.1", 24760 + i))
while True:
    for x in select.select(s, [], [])[0]: x.recv(65536)'
sleep 0.5
only=()
for source in $("$B/ktach-shipper" --help | sed -n '/^Sources/,/^$/s/^      \([a-z]*\) .*/\1/p'); do
	case $source in
	cpu | softirq) ;;
	*) only+=("--$source-enabled" no) ;;
	esac
done
agent shipper "$B/ktach-shipper" --collector 127.0.0.1:24760 --state "$work/state" "${only[@]}" ${SHIPPER_OPTIONS:-}
agent fast "$B/ktach-shipper" --collector 127.0.0.1:24764 --state "$work/fast" --interval 100ms "${only[@]}" ${SHIPPER_OPTIONS:-}
"$B/ktach-collector" key --out "$work/fleet.key" 2>/dev/null
agent sealed "$B/ktach-shipper" --collector 127.0.0.1:24764 --key "$work/fleet.key" --state "$work/sealed" "${only[@]}" ${SHIPPER_OPTIONS:-}
agent full "$B/ktach-shipper" --collector 127.0.0.1:24765 --pins "$pins" --state "$work/full" ${SHIPPER_OPTIONS:-}
agent same "$B/bench/lean" 24761 1000 400 /proc/stat /proc/softirqs
agent lean "$B/bench/lean" 24761 1000 1400 /proc/stat /proc/softirqs /proc/net/dev /proc/meminfo \
	/proc/diskstats /proc/loadavg
cat >"$work/collectd.conf" <<END
BaseDir "$work"
PIDFile "$work/collectd.pid"
PluginDir "$root/usr/lib/collectd"
TypesDB "$root/usr/share/collectd/types.db"
Interval 1
ReadThreads 1
WriteThreads 1
LoadPlugin cpu
LoadPlugin load
LoadPlugin memory
LoadPlugin disk
LoadPlugin interface
LoadPlugin network
<Plugin network>
Server "127.0.0.1" "24762"
</Plugin>
END
[ -x "$root/usr/sbin/collectd" ] &&
	agent collectd env LD_LIBRARY_PATH="$libs" "$root/usr/sbin/collectd" -f -C "$work/collectd.conf"
cat >"$work/gmond.conf" <<END
globals { daemonize = no setuid = no debug_level = 0 mute = no deaf = yes send_metadata_interval = 60 }
udp_send_channel { host = 127.0.0.1 port = 24763 }
modules {
  module { name = "core_metrics" }
  module { name = "cpu_module" path = "$root/usr/lib/x86_64-linux-gnu/ganglia/modcpu.so" }
  module { name = "load_module" path = "$root/usr/lib/x86_64-linux-gnu/ganglia/modload.so" }
  module { name = "mem_module" path = "$root/usr/lib/x86_64-linux-gnu/ganglia/modmem.so" }
  module { name = "net_module" path = "$root/usr/lib/x86_64-linux-gnu/ganglia/modnet.so" }
  module { name = "disk_module" path = "$root/usr/lib/x86_64-linux-gnu/ganglia/moddisk.so" }
}
END
for group in "cpu_user cpu_system cpu_idle cpu_nice cpu_wio" "load_one load_five load_fifteen " \
	"mem_free mem_shared mem_buffers mem_cached swap_free" "bytes_in bytes_out pkts_in pkts_out" "disk_free part_max_used"; do
	echo "collection_group { collect_every = 1 time_threshold = 1"
	for metric in $group; do echo "  metric { name = \"$metric\" }"; done
	echo "}"
done >>"$work/gmond.conf"
[ -x "$root/usr/sbin/gmond" ] &&
	agent gmond env LD_LIBRARY_PATH="$libs" "$root/usr/sbin/gmond" -f -c "$work/gmond.conf"
if [ -x "$root/usr/bin/prometheus-node-exporter" ]; then
	agent node_exporter "$root/usr/bin/prometheus-node-exporter" --web.listen-address=127.0.0.1:24770 \
		--collector.disable-defaults --collector.cpu --collector.stat --collector.loadavg \
		--collector.meminfo --collector.diskstats --collector.netdev
	agent scraper bash -c 'while sleep 1; do curl -s -o /dev/null http://127.0.0.1:24770/metrics; done'
fi
[ -x "$root/usr/sbin/hsflowd" ] || echo "# hsflowd is not among this Debian's packages: left out"

# cpu_ns PID: of all its threads.
cpu_ns() { cat /proc/"$1"/task/*/schedstat 2>/dev/null | awk '{ s += $1 } END { printf "%.0f", s }'; }
memory_kb() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/smaps_rollup"; }

sleep 3
declare -A before after
for name in "${!pid[@]}"; do
	if ! kill -0 "${pid[$name]}" 2>/dev/null; then
		echo "# $name does not run here: $(tail -n 1 "$work/$name.log")"
		unset "pid[$name]"
		continue
	fi
	before[$name]=$(cpu_ns "${pid[$name]}")
done
sleep "$seconds"
for name in "${!pid[@]}"; do after[$name]=$(cpu_ns "${pid[$name]}"); done

echo "# one sample a second, $seconds s, $(nproc) CPUs, Linux $(uname -r)"
us() { awk -v a="${after[$1]}" -v b="${before[$1]}" -v n="$seconds" 'BEGIN { printf "%.1f", (a - b) / n / 1000 }'; }
for name in shipper sealed fast full same lean collectd gmond node_exporter; do
	[ -n "${pid[$name]:-}" ] || continue
	printf '%-14s %8s us CPU a second   RSS %6s kB   PSS %6s kB\n' "$name" "$(us $name)" \
		"$(memory_kb "${pid[$name]}" Rss)" "$(memory_kb "${pid[$name]}" Pss)"
done

# System calls of some seconds, counted apart: counting costs time.
calls=none
if command -v strace >/dev/null; then
	timeout -s INT 10 strace -f -c -o "$work/calls" -p "${pid[shipper]}" 2>/dev/null
	calls=$(awk '/total$/ { printf "%.1f", $4 / 10 }' "$work/calls")
fi

# bar NAME VALUE LIMIT: at most.
bar() {
	awk -v n="$1" -v v="$2" -v l="$3" 'BEGIN { printf "BAR %s %s %s %s\n", n, v, l, v + 0 <= l + 0 ? "ok" : "short" }'
}
ratio() { awk -v a="$(us "$1")" -v b="$(us "$2")" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 99) }'; }
bar ship-cpu-over-lean-of-the-same-files "$(ratio shipper same)" 1.3
bar ship-sealed-cpu-over-lean-of-the-same-files "$(ratio sealed same)" 1.3
bar ship-cpu-over-lean-of-six-files "$(ratio shipper lean)" 1.3
[ -n "${pid[gmond]:-}" ] && bar ship-cpu-over-gmond "$(ratio shipper gmond)" 0.40
[ -n "${pid[collectd]:-}" ] && bar ship-cpu-over-collectd "$(ratio shipper collectd)" 0.25
[ -n "${pid[node_exporter]:-}" ] && bar ship-cpu-over-node_exporter "$(ratio shipper node_exporter)" 0.167
[ -n "${pid[collectd]:-}" ] && bar ship-ten-samples-over-collectd "$(ratio fast collectd)" 1
bar full_default_over_lean "$(ratio full lean)" 2
bar ship-rss-kb "$(memory_kb "${pid[shipper]}" Rss)" 4096
bar ship-pss-kb "$(memory_kb "${pid[shipper]}" Pss)" 2048
[ "$calls" = none ] || bar ship-system-calls-a-sample "$calls" 9
exit 0
