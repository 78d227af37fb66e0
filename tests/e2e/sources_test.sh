#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The shipper's table of sources: each has its own interval and switch, which
# SIGHUP changes; what they tell is in a collector's history, between two looks
# at the files; and a host whose /proc, /sys and root are elsewhere.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
conf=$work/shipper.conf

# values TABLE KEY: of a gauge or counter, in the history, one a line.
values() {
	"$B/ktach-collector" export --data "$work/data" --table "$1" |
		awk -F, -v key="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
			$at["key"] == key { printf "%s\n", $at["value"] }'
}
# samples TABLE: different times in the history.
samples() {
	"$B/ktach-collector" export --data "$work/data" --table "$1" |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
			{ print $at["mono_ns"] }' | sort -u | wc -l
}
stop_shipper() {
	kill "$shipper"
	wait "$shipper"
}
stop_collector() {
	kill "$collector"
	wait "$collector"
}
# The places of keys in tables/tables.def.
load_1min=0 tasks_blocked=4 memory_total=9 psi_cpu=22
context_switches=0 forks=1 interrupts=2 faults=8
# count FILE FIELD: what the kernel says now.
count() { awk -v f="$2" '$1 == f { printf "%s\n", $2 }' "/proc/$1"; }

# --- each at its own pace
collector_start
switches_before=$(count stat ctxt) forks_before=$(count stat processes)
interrupts_before=$(count stat intr) faults_before=$(count vmstat pgfault)
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name here --no-net \
	--state "$work/state" --interval 100ms --memory-interval 100ms --load-interval 300ms \
	--interrupts-enabled yes --interrupts-interval 200ms --interrupts-count 3
shipper=$!
wait_for 20 api nodes/here '.cpu.cpus[0].share != null'
sleep 2
stop_shipper
is $? 0 "the shipper ends cleanly"
switches_after=$(count stat ctxt) forks_after=$(count stat processes)
interrupts_after=$(count stat intr) faults_after=$(count vmstat pgfault)
stop_collector
is "$(values gauges $memory_total | sort -u)" "$(awk '$1 == "MemTotal:" { printf "%.0f\n", $2 * 1024 }' /proc/meminfo)" \
	"the memory is what /proc/meminfo says"
# bracketed TEXT KEY BEFORE AFTER: a counter that only grows, and between these.
bracketed() {
	local bad
	bad=$(values counters "$2" | awk -v low="$3" -v high="$4" '
		$1 < last || $1 < low || $1 > high { print $1 }
		{ last = $1; n++ }
		END { if (n < 2) print "only", n }')
	is "$bad" "" "$1 lie between two looks at the file"
}
bracketed "context switches" $context_switches "$switches_before" "$switches_after"
bracketed forks $forks "$forks_before" "$forks_after"
bracketed interrupts $interrupts "$interrupts_before" "$interrupts_after"
bracketed "page faults" $faults "$faults_before" "$faults_after"
memory=$(values gauges $memory_total | wc -l) load=$(values gauges $load_1min | wc -l)
blocked=$(values gauges $tasks_blocked | wc -l) cpu=$(samples cpu) facts=$(values gauges $psi_cpu | wc -l)
check "each has its interval (memory $memory, load $load, system $blocked, cpu $cpu samples)" \
	eval '[ "$memory" -gt "$load" ] && [ "$load" -gt "$blocked" ] && [ "$cpu" -gt "$blocked" ]'
check "the first sample of all is taken soon: $facts" eval '[ "$facts" -ge 1 ] || [ ! -e /proc/pressure/cpu ]'
is "$("$B/ktach-collector" export --data "$work/data" --table irq | awk -F, 'NR > 1 { n[$4]++ }
	END { for (t in n) if (n[t] > 3) print n[t] }')" "" "no more interrupts than asked for"
check "interrupts are there when they are switched on" test "$(samples irq)" -ge 2
check "what is known of each CPU is there" test "$(samples core)" -ge 1

# --- SIGHUP switches
rm -rf "$work/data"
collector_start
printf 'collector = 127.0.0.1:%s\nname = switched\nno-net = yes\ninterval = 100ms\n[load]\nenabled = no\n' \
	"$feed" >"$conf"
printf '[interrupts]\nenabled = yes\ninterval = 100ms\ncount = 1\n[link]\ninterval = 100ms\n' >>"$conf"
background switch.log "$B/ktach-shipper" --config "$conf" --state "$work/state"
shipper=$!
check "a source that is off is not sent" \
	wait_for 60 api nodes/switched '.gauges.memory_total_bytes != null and .gauges.load_1min == null and (.irq.interrupts | length) == 1'
sed -i 's/^enabled = no/interval = 100ms/; s/^count = 1/count = 2/; $ a enabled = no\n[cpu]\nenabled = no' "$conf"
kill -HUP "$shipper"
wait_for 20 grep -q 'configuration read' "$work/switch.log"
sleep 2
stop_shipper
is $? 0 "the shipper ends cleanly after that"
stop_collector
check "SIGHUP switches a source on, with its interval" test "$(values gauges $load_1min | wc -l)" -gt 5
last() { "$B/ktach-collector" export --data "$work/data" --table "$1" | awk -F, 'NR > 1 && $3 > max { max = $3 } END { printf "%s\n", max }'; }
check "and another off" test "$(last cpu)" -lt "$(last softirq)"
check "and one off that waits for news" test "$(last link)" -lt "$(last softirq)"
is "$("$B/ktach-collector" export --data "$work/data" --table irq | awk -F, 'NR > 1 { n[$4]++ }
	END { for (t in n) print n[t] }' | sort -u | xargs)" "1 2" "what a collector is told changes, too"
printf 'interval = 1s\n' >"$conf"
for source in $("$B/ktach-shipper" --help | sed -n '/^Sources/,/^$/s/^      \([a-z]*\) .*/\1/p'); do
	printf '[%s]\nenabled = no\n' "$source"
done >>"$conf"
is "$("$B/ktach-shipper" --config "$conf" --check-config 2>&1)" \
	"ktach-shipper: no source is enabled: there is nothing to send" "nothing to send is no configuration"

# --- a long interval does not outlive its change, on both kinds of loop
rm -rf "$work/data"
collector_start
for way in no yes; do
	printf 'collector = 127.0.0.1:%s\nname = %s\nno-net = yes\nno-io-uring = %s\ninterval = 1h\n' \
		"$feed" "hasty-$way" $way >"$conf"
	background hasty.log "$B/ktach-shipper" --config "$conf" --state "$work/hasty-$way"
	shipper=$!
	wait_for 20 grep -q 'sending to' "$work/hasty.log"
	sed -i 's/1h/100ms/' "$conf"
	kill -HUP "$shipper"
	check "SIGHUP shortens an interval at once (no-io-uring: $way)" \
		wait_for 20 api "nodes/hasty-$way" '.cpu.cpus[0].share != null'
	stop_shipper
	is $? 0 "the shipper ends cleanly"
done
stop_collector

# --- a host that is elsewhere, of 256 CPUs
bash tests/host/trees.sh server "$work/server"
rm "$work/server/proc/pressure/io"
rm -rf "$work/data"
collector_start
KTACH_PROC_ROOT=$work/server/proc KTACH_SYS_ROOT=$work/server/sys KTACH_ROOT=$work/server/root \
	background server.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/other"
shipper=$!
check "by the environment: the name and the CPUs are the other host's" \
	wait_for 20 api nodes/server1 '.cpu.cpus | length == 256'
check "its softirqs, too" wait_for 20 api nodes/server1 '.softirq.cpus | length == 256'
is "$(grep -c 'pressure/io' "$work/server.log")" 1 "a file that is not there is told of once"
stop_shipper
stop_collector
tree() { sed -n "s/^$1:* *\([0-9]*\).*/\1/p" "$work/server/proc/$2"; }
is "$(values counters $context_switches | sort -u)" "$(tree ctxt stat)" "its context switches"
is "$(values gauges $memory_total | sort -u)" "$(($(tree MemTotal meminfo) * 1024))" "its memory"
is "$(values gauges $psi_cpu | sort -u | wc -l)" 1 "its pressure, but for what is missing"
is "$("$B/ktach-collector" export --data "$work/data" --table core | awk -F, 'NR > 1 { print $8 }' | sort -un | wc -l)" 256 \
	"speeds of all its CPUs"
done_testing
