#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines that lack a file, or have one without sense, lack what it tells and no
# more; that is said once.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

bash tests/host/trees.sh arm "$work/arm"
rm -rf "$work/arm/sys/devices/system/cpu/possible"
collector_start --unsealed
roots() { echo "--proc-root $1/proc --sys-root $work/arm/sys --root $work/arm/root"; }
# lacking FILE: a machine of that name lacks it; nonsense FILE: has one.
ship() {
	# shellcheck disable=SC2046 # several options
	background "$1.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state-$1" --name "$1" \
		--pressure-interval 1s $(roots "$work/$1")
}
lacking() {
	mkdir "$work/${1//\//-}"
	cp -a "$work/arm/proc" "$work/${1//\//-}/"
	rm "$work/${1//\//-}/proc/$1"
	ship "${1//\//-}"
}
for file in stat softirqs meminfo vmstat loadavg diskstats pressure/cpu pressure/io uptime cpuinfo; do
	lacking "$file"
done
check "each of ten machines that lack a file is told of" \
	wait_for 10 api nodes '[.nodes[] | select(.state == "fresh" and .received > 2)] | length == 10'
has() { check "$2" api "nodes/$1" "$3"; }
has stat "without stat there is all but the CPUs" '.cpu == null and .softirq.cpus != null and .memory.total_bytes > 0'
has softirqs "without softirqs there are CPUs" '.softirq == null and (.cpu.cpus | length == 4)'
has meminfo "without meminfo there is what vmstat tells" '.memory.total_bytes == null and .memory.oom_kills != null and .load_1min != null'
has vmstat "without vmstat there is memory" '.memory.total_bytes > 0'
has loadavg "without loadavg there is the rest" '.load_1min == null and .cpu != null'
has diskstats "without diskstats there is the rest" '.disk == null and .cpu != null'
has pressure-cpu "without a pressure of CPUs there is the others'" '.pressure.cpu_some_10s == null and .pressure.io_some_10s != null'
has pressure-io "and the other way round" '.pressure.cpu_some_10s != null and .pressure.io_some_10s == null'
for file in stat softirqs meminfo loadavg pressure-cpu; do
	check "$file: that it is left out is said, once by each that reads it" \
		eval '[ "$(grep -c "${file/-//}: No such file" "$work/$file.log")" -le 2 ] && grep "${file/-//}: No such file.*left out" "$work/$file.log"'
done
for file in stat softirqs meminfo loadavg uptime; do
	# shellcheck disable=SC2046
	"$B/bin/ktach" --json --from proc --interval 100ms $(roots "$work/$file") >"$work/shown" 2>"$work/err"
	ok $? "ktach goes on without $file" "$work/err"
	# shellcheck disable=SC2046
	"$B/bin/ktach" record --count 1 --from proc --interval 100ms $(roots "$work/$file") "$work/$file.rec" 2>/dev/null
	is "$("$B/bin/ktach" replay --json "$work/$file.rec" | jq -c 'keys - ["net"]')" "$(jq -c 'keys - ["net"]' "$work/shown")" \
		"its recording has the same sections"
done
"$B/ktach-shipper" --no-net --state "$work/none" --proc-root "$work/none/proc" 2>"$work/none.log"
is "$?, $(tail -n 1 "$work/none.log")" "1, ktach-shipper: error: cannot read $work/none/proc: No such file or directory" \
	"a shipper without a /proc at all does not start"
done_testing
