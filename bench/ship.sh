#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: ship.sh, or make bench-ship; SECONDS_EACH=120 measures longer.
# What the shipper costs at one sample a second from /proc, next to the leanest
# agent that reads such files, and to Debian's agents: with CPU times and softirqs
# alone ("shipper"), ten times a second ("fast"), with packets, memory, load and
# disks, too, and sealed ("six", for six files), with what a machine itself has
# ("machine": without control groups, parts that few machines have, and series of
# one's own), and with all that it sends by default ("full"); the last two as root with
# the packet counters, too. These go one after the
# other, each beside all of the agents: shippers wake at the same moments, and
# the second one of two would find the caches warm. A ratio is of one such round.
# CPU is user and system time of all threads, as bench/cpu.py takes it. The agents
# are as Debian configures them, but for the interval and what they collect; they
# are unpacked into the cache, not installed: nothing of theirs starts.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
seconds=${SECONDS_EACH:-60}
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
# agent NAME COMMAND...: start it, at another moment of the second than the last
# one: of two that wake together the second one finds the caches warm.
agent() {
	local name=$1
	shift
	"$@" >"$work/$name.log" 2>&1 &
	pid[$name]=$!
	pids+=($!)
	sleep 0.17
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
# all_but SOURCE...: options that leave out all other sources.
all_but() {
	local source
	for source in $("$B/ktach-shipper" --help | sed -n '/^Sources/,/^$/s/^      \([a-z]*\) .*/\1/p'); do
		case " $* " in
		*" $source "*) ;;
		*) echo "--$source-enabled no" ;;
		esac
	done
}
read -ra only < <(all_but cpu softirq | xargs)
read -ra others < <(all_but cpu softirq net memory load disk | xargs)
# Paging is in a seventh file.
others+=(--memory-no-paging yes)
"$B/ktach-collector" key --out "$work/fleet.key" 2>/dev/null
agent same "$B/bench/lean" 24761 1000 400 /proc/stat /proc/softirqs
agent lean "$B/bench/lean" 24761 1000 1400 /proc/stat /proc/softirqs /proc/net/dev /proc/meminfo \
	/proc/diskstats /proc/loadavg
cat >"$work/collectd.conf" <<END
BaseDir "$work"
PIDFile "$work/collectd.pid"
PluginDir "$root/usr/lib/collectd"
TypesDB "$root/usr/share/collectd/types.db"
Interval 1
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
# Debian's own metrics, of which all that change are taken each second.
{
	echo "globals { daemonize = no setuid = no debug_level = 0 mute = no deaf = yes send_metadata_interval = 60 }"
	echo "udp_send_channel { host = 127.0.0.1 port = 24763 }"
	echo 'modules { module { name = "core_metrics" }'
	for module in cpu disk load mem net proc sys; do
		echo "module { name = \"${module}_module\" path = \"$root/usr/lib/x86_64-linux-gnu/ganglia/mod$module.so\" }"
	done
	echo "}"
	sed -n '/^collection_group/,$p' "$root/etc/ganglia/gmond.conf" | grep -v '^include' |
		sed '/collect_every/,/time_threshold/s/= [0-9]*/= 1/'
} >"$work/gmond.conf"
[ -x "$root/usr/sbin/gmond" ] &&
	agent gmond env LD_LIBRARY_PATH="$libs" "$root/usr/sbin/gmond" -f -c "$work/gmond.conf"
if [ -x "$root/usr/bin/prometheus-node-exporter" ]; then
	agent node_exporter "$root/usr/bin/prometheus-node-exporter" --web.listen-address=127.0.0.1:24770 \
		--collector.disable-defaults --collector.cpu --collector.stat --collector.loadavg \
		--collector.meminfo --collector.diskstats --collector.netdev
	agent scraper bash -c 'while sleep 1; do curl -s -o /dev/null http://127.0.0.1:24770/metrics; done'
fi
[ -x "$root/usr/sbin/hsflowd" ] || echo "# hsflowd is not among this Debian's packages: left out"

memory_kb() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/smaps_rollup"; }

sleep 2
for name in "${!pid[@]}"; do
	kill -0 "${pid[$name]}" 2>/dev/null && continue
	echo "# $name does not run here: $(tail -n 1 "$work/$name.log")"
	unset "pid[$name]"
done
declare -A us mean rss pss
# measure SHIPPER SECONDS: with all that run; us[SHIPPER/NAME] is what NAME used a
# second.
measure() {
	local name median average arguments=()
	for name in "${!pid[@]}"; do arguments+=("$name=${pid[$name]}"); done
	sleep 3
	while read -r name median average; do
		us[$1/$name]=$median mean[$1/$name]=$average
	done < <(python3 bench/cpu.py "$2" "${arguments[@]}")
	row "$1" "$1"
}
# row SHIPPER NAME: of the shipper's round; rss[NAME] and pss[NAME] are its memory, kB.
row() {
	rss[$2]=$(memory_kb "${pid[$2]}" Rss) pss[$2]=$(memory_kb "${pid[$2]}" Pss)
	printf '%-14s %8s us CPU a second, mean %8s   RSS %6s kB   PSS %6s kB\n' "$2" "${us[$1/$2]}" "${mean[$1/$2]}" \
		"${rss[$2]}" "${pss[$2]}"
}
# shipper NAME OPTION...: start it, measure, and end it.
shipper() {
	agent "$1" "$B/ktach-shipper" --state "$work/$1" "${@:2}" ${SHIPPER_OPTIONS:-}
	measure "$1" "$seconds"
	kill "${pid[$1]}"
	wait "${pid[$1]}" 2>/dev/null
	unset "pid[$1]"
}

echo "# one sample a second, $seconds s each, $(nproc) CPUs, Linux $(uname -r)"
shipper shipper --collector 127.0.0.1:24760 "${only[@]}"
shipper fast --collector 127.0.0.1:24764 --interval 100ms "${only[@]}"
shipper machine --collector 127.0.0.1:24765 --pins "$pins" --cgroup-enabled no --own-enabled no --part-enabled no
shipper full --collector 127.0.0.1:24765 --pins "$pins"
# Pins that are in no bpffs: packets are read from /proc/net/dev.
agent six "$B/ktach-shipper" --state "$work/six" --collector 127.0.0.1:24764 --key "$work/fleet.key" \
	--pins "$work" "${others[@]}" ${SHIPPER_OPTIONS:-}
# What most of the figures are about is measured longer.
measure six $((2 * seconds))
for name in same lean collectd gmond node_exporter; do
	[ -z "${pid[$name]:-}" ] || row six "$name"
done

# System calls of a minute, as some come once in one; counted apart, as counting
# costs time.
calls=none
if command -v strace >/dev/null; then
	timeout -s INT 60 strace -f -c -o "$work/calls" -p "${pid[six]}" 2>/dev/null
	calls=$(awk '/total$/ { printf "%.1f", $4 / 60 }' "$work/calls")
fi

# bar NAME VALUE LIMIT: at most.
bar() {
	awk -v n="$1" -v v="$2" -v l="$3" 'BEGIN { printf "BAR %s %s %s %s\n", n, v, l, v + 0 <= l + 0 ? "ok" : "short" }'
}
# ratio SHIPPER NAME: within the shipper's round.
ratio() { awk -v a="${us[$1/$1]}" -v b="${us[$1/$2]}" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 99) }'; }
bar ship-cpu-over-lean-of-the-same-files "$(ratio shipper same)" 1.3
bar ship-six-sealed-cpu-over-lean-of-six-files "$(ratio six lean)" 1.3
[ -n "${pid[gmond]:-}" ] && bar ship-six-sealed-cpu-over-gmond "$(ratio six gmond)" 0.40
[ -n "${pid[collectd]:-}" ] && bar ship-six-sealed-cpu-over-collectd "$(ratio six collectd)" 0.25
[ -n "${pid[node_exporter]:-}" ] && bar ship-six-sealed-cpu-over-node_exporter "$(ratio six node_exporter)" 0.167
[ -n "${pid[collectd]:-}" ] && bar ship-ten-samples-over-collectd "$(ratio fast collectd)" 1
bar full_default_over_lean "$(ratio machine lean)" 2
bar ship-all-over-machine "$(awk -v a="$(ratio full lean)" -v b="$(ratio machine lean)" 'BEGIN { printf "%.2f", a / b }')" 1.5
bar ship-six-rss-kb "${rss[six]}" 4096
bar ship-six-pss-kb "${pss[six]}" 2048
bar ship-full-rss-kb "${rss[full]}" 4096
bar ship-full-pss-kb "${pss[full]}" 2048
[ "$calls" = none ] || bar ship-system-calls-a-sample "$calls" 9
exit 0
