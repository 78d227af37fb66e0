#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# /metrics beside a real node_exporter on this host: the same names, labels and values;
# what it has that ktach has not; and how many panels of its dashboard are served.
# node_exporter is from Debian's package, unpacked, not installed.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/node_exporter
exporter=$cache/usr/bin/prometheus-node-exporter
if [ ! -x "$exporter" ]; then
	mkdir -p "$cache"
	(cd "$cache" && apt-get download -q prometheus-node-exporter && dpkg -x prometheus-node-exporter_*.deb . &&
		rm prometheus-node-exporter_*.deb) >"$cache/log" 2>&1 ||
		skip_all "the package prometheus-node-exporter cannot be had: $(tail -n 1 "$cache/log")"
fi
. tests/e2e/collector.sh

port=$((20000 + $$ % 20000))
background exporter.log "$exporter" --web.listen-address=127.0.0.1:$port
collector_start --metrics-interrupt
# shellcheck disable=SC2046 # words
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --state "$work/state" \
	--pins "$pins" --timex-enabled yes --part-exclude none $(for subject in meminfo protocol limit timex pressure core link mount process interrupts part; do
		echo "--$subject-interval 1s"
	done)
# All of it is there, and has come twice.
check "the shipper's figures" wait_for 60 api nodes '.nodes | length == 1'
whole() { api "nodes/$(hostname)" '.protocol.sockets != null and .meminfo.active_bytes != null and .link.links != null and .mount.mounts != null'; }
check "all of it" wait_for 60 whole

# once N: both, node_exporter before and after. All subjects, which are read each second,
# have been read since then.
once() {
	local later
	curl -fs "http://127.0.0.1:$port/metrics" >"$work/rounds/$1.before"
	later=$(($(date +%s%N) + 3000000000))
	wait_for 60 api "nodes/$(hostname)" "[.cpu, .link, .mount, .disk, .core, .part] | all(.real_ns > $later)" >/dev/null
	curl -fs "http://$http/metrics" >"$work/rounds/$1.new"
	curl -fs "http://127.0.0.1:$port/metrics" >"$work/rounds/$1.after"
	mv "$work/rounds/$1.new" "$work/rounds/$1.ours"
}
mkdir "$work/rounds"
for round in 1 2 3 4 5 6 7 8; do
	once $round
	python3 tests/e2e/node_exporter.py "$work/rounds" >"$work/points" && break
done
points "$work/points"

sed '/^#/d' tests/e2e/node_exporter.without >"$work/without"
families() { sed -n 's/^# TYPE \(node_[^ ]*\) .*/\1/p' "$@" | sort -u; }
families "$work/rounds/1.after" >"$work/theirs"
families "$work/rounds/1.ours" >"$work/us"
is "$(comm -23 "$work/theirs" "$work/us" | grep -vxE -f "$work/without" | paste -sd ' ')" "" \
	"what node_exporter has and ktach has not is written down"

# Of a host with everything, too: sensors, discards.
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 1 4 300 500 whole
check "a host with everything" wait_for 30 api nodes '.nodes | length == 2'
all() { curl -fs "http://$http/metrics" | grep -q node_hwmon_temp_celsius; }
check "its sensors" wait_for 30 all
curl -fs "http://$http/metrics" | families >"$work/names"
grep -v '^#' tests/e2e/dashboard.txt | while IFS=: read -r panel names; do
	# shellcheck disable=SC2086 # names are words
	missing=$(printf '%s\n' $names | sort -u | comm -23 - "$work/names" | paste -sd ' ')
	[ -n "$missing" ] && echo "without $panel: $missing" || echo served
done >"$work/panels"
grep '^without' "$work/panels" | sed 's/^/# /'
is "$(grep -c '^served' "$work/panels") of $(wc -l <"$work/panels")" "110 of 125" "panels of the dashboard that are served"
done_testing
