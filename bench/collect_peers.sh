#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: collect_peers.sh, or make bench-collect_peers; NODES=100 SECONDS_EACH=60.
# The same values to the collector, to collectd's server, to Redis and to
# VictoriaMetrics, one after the other: CPU time of each server, system time and
# all that it does later included, a value. The collector writes its history;
# collectd keeps the latest in memory, or writes CSV; Redis keeps the latest in
# memory; VictoriaMetrics writes its storage. They are Debian's packages,
# unpacked into the cache, not installed: nothing of theirs starts by itself.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
nodes=${NODES:-100} seconds=${SECONDS_EACH:-60}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/servers
work=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

fetch() {
	[ -d "$cache/root" ] && return
	mkdir -p "$cache" && cd "$cache" || return
	apt-get download -q collectd-core libltdl7 redis-server redis-tools libjemalloc2 liblzf1 \
		libatomic1 victoria-metrics >/dev/null 2>&1
	for deb in *.deb; do dpkg -x "$deb" root.new; done
	mv root.new root
	cd - >/dev/null || exit
}
fetch
root=$cache/root
libs=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu:$root/usr/lib
make -s B="$B" "$B/bench/collect_feed" "$B/ktach-collector" || exit 1

# cpu_ns: of the server so far; clock ticks, threads that ended included.
cpu_ns() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.0f", ($12 + $13) * 1e9 / hz }' "/proc/$server/stat"
}

# settle: until it has nothing left to do, two minutes at most.
settle() {
	local before after i
	for ((i = 0; i < 20; i++)); do
		before=$(cpu_ns)
		sleep 6
		after=$(cpu_ns)
		[ $((after - before)) -lt 60000000 ] && return
	done
}

declare -A ns
# measure NAME WIRE PORT: feed the server that runs.
measure() {
	local before values
	before=$(cpu_ns)
	values=$("$B/bench/collect_feed" "$2" "$3" "$nodes" "$seconds") || {
		echo "# $1 could not be fed"
		return
	}
	settle
	ns[$1]=$(awk "BEGIN { printf \"%.1f\", ($(cpu_ns) - $before) / $values }")
	printf '%-28s %9s ns CPU a value, %8s million values a second and core\n' "$1" "${ns[$1]}" \
		"$(awk "BEGIN { printf \"%.2f\", 1e3 / (${ns[$1]} + 0.001) }")"
}
end() {
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}
# start NAME COMMAND...: false if it does not run.
start() {
	local name=$1
	shift
	"$@" >"$work/$name.log" 2>&1 &
	server=$!
	sleep 2
	kill -0 $server 2>/dev/null && return
	echo "# $name does not run here: $(tail -n 1 "$work/$name.log")"
	server=
	return 1
}

echo "# $nodes nodes, $seconds samples each, $(nproc) CPUs, Linux $(uname -r)"
for wire in ktach ktach-tcp; do
	start $wire "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/$wire" \
		--history-memory 1 --workers 1 || exit 1
	port=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/$wire.log")
	measure "collector, $wire" $wire "$port"
	end
done
missing=$((nodes * seconds - $("$B/ktach-collector" export --data "$work/ktach-tcp" --table disk | tail -n +2 | wc -l)))

cat >"$work/collectd.conf" <<END
BaseDir "$work"
PIDFile "$work/collectd.pid"
PluginDir "$root/usr/lib/collectd"
TypesDB "$root/usr/share/collectd/types.db"
Interval 10
WriteThreads 1
LoadPlugin network
<Plugin network>
Listen "127.0.0.1" "24781"
</Plugin>
END
start collectd env LD_LIBRARY_PATH="$libs" "$root/usr/sbin/collectd" -f -C "$work/collectd.conf" &&
	measure "collectd, memory" collectd 24781 && end
cat >>"$work/collectd.conf" <<END
LoadPlugin csv
<Plugin csv>
DataDir "$work/csv"
</Plugin>
END
start collectd-csv env LD_LIBRARY_PATH="$libs" "$root/usr/sbin/collectd" -f -C "$work/collectd.conf" &&
	measure "collectd, CSV" collectd 24781 && end
start redis env LD_LIBRARY_PATH="$libs" "$root/usr/bin/redis-server" --port 24782 --bind 127.0.0.1 \
	--save '' --appendonly no --dir "$work" && measure "Redis, HSET" redis 24782 && end
start victoria "$root/usr/bin/victoria-metrics" -httpListenAddr=127.0.0.1:24783 \
	-storageDataPath="$work/victoria" -retentionPeriod=1 &&
	measure "VictoriaMetrics, Influx" influx 24783 && end

# ratio NAME SERVER LIMIT: how often the collector's CPU goes into the other's.
ratio() {
	local value
	[ -n "${ns[$2]:-}" ] || return
	value=$(awk "BEGIN { printf \"%.1f\", ${ns[$2]} / ${ns[collector, ktach]} }")
	echo "BAR $1 $value $3 $(awk "BEGIN { print ($value >= $3 ? \"ok\" : \"short\") }")"
}
ratio collect_times_as_fast_as_collectd "collectd, memory" 10
ratio collect_times_as_fast_as_collectd_csv "collectd, CSV" 10
ratio collect_times_as_fast_as_redis "Redis, HSET" 1
ratio collect_times_as_fast_as_victoriametrics "VictoriaMetrics, Influx" 2
echo "BAR collect_acknowledged_samples_missing $missing 0 $([ "$missing" -eq 0 ] && echo ok || echo short)"
