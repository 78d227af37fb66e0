# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest with a kernel of debug_kernel.sh, as /test/run ROUNDS FAULTS SECONDS
# CPUS: load and unload, let allocations fail (FAULTS=1), then stir everything
# at once for so long, and see whether the kernel has anything to say about it
# at any point. CPUS are the possible ones.
# shellcheck shell=dash
. /test/tap.sh
. /test/modules_guest.sh
rounds=$1 faults=$2 seconds=$3 cpus=$4
debug=/sys/kernel/debug
# With 255 records a sample takes longer to copy here than 100 us.
[ "$cpus" -le 16 ] && fast=100 few=4 went=16 || fast=2000 few=64 went=1
complaints='WARNING:|BUG:|Oops|KASAN|UBSAN|ODEBUG|INFO: |general protection|suspicious RCU|inconsistent lock|possible .*(deadlock|recursive|dependency)|corruption|stall|detector disabled|turning off the locking|MAX_LOCK'
mount -t debugfs debug $debug

# quiet WHEN [PATTERN]: nothing in the log since the last time but what is to
# be there.
quiet() {
	dmesg -c >/tmp/log
	grep -qE "${2:-$complaints|Call Trace}" /tmp/log
	check "the kernel is quiet $1" test $? -eq 1
	grep -E -A 40 -m 1 "${2:-$complaints|Call Trace}" /tmp/log | sed 's/^/# /'
}

lockdep_is_on() {
	grep -q 'debug_locks: *1$' /proc/lockdep_stats
}

# What the kernel allocated, keeps no pointer to, and is older than 5 s. Linux'
# own class_register() loses the class's name when it is out of memory.
leaks() {
	sleep 6
	echo scan >$debug/kmemleak && echo scan >$debug/kmemleak || return 1
	awk -v RS='unreferenced object' '/backtrace/ && !(/kobject_set_name/ && /__class_register/)' $debug/kmemleak
}

# CPUs that have a source's timer.
timer_cpus() {
	awk '$1 == "cpu:" { cpu = $2 } /on_tick/ { print cpu }' /proc/timer_list | sort -u | xargs
}

set_cpu() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
}

head_of() {
	cat "/sys/class/ktach/$1/head"
}

# --- what goes on during the stress; each counts its turns in /tmp ---------
while_it_lasts() {
	local turns=0
	while [ -e /tmp/stress ]; do
		"turn_$1" && turns=$((turns + 1))
	done
	echo $turns >"/tmp/turns.$1"
}

# The source may just be away.
turn_period() {
	local period
	for period in $fast 1000000 $((fast + 50)) 20000 $fast 5000 100000; do
		echo $period >/sys/class/ktach/cpustat/period_us
		usleep 70000
		echo $period >/sys/class/ktach/softirq/period_us
		usleep 70000
	done 2>/dev/null
}

turn_slots() {
	local slots
	for slots in 128 $few 32 64; do
		echo $slots >/sys/class/ktach/cpustat/slots
		usleep 30000
		echo $slots >/sys/class/ktach/softirq/slots
		usleep 100000
	done 2>/dev/null
}

# The timers are on the first CPU that is online: they move on and back.
turn_cpu() {
	set_cpu 0 0 && usleep 100000 && set_cpu 1 0 && set_cpu 0 1 &&
		set_cpu 2 0 && usleep 50000 && set_cpu 1 1 && set_cpu 2 1 &&
		set_cpu 3 0 && set_cpu 0 0 && usleep 200000 && set_cpu 3 1 && set_cpu 0 1
}

turn_reload() {
	sleep 2
	rmmod ktach_cpustat && usleep 100000 &&
		insmod /ktach/ktach_cpustat.ko slots=$few period_us=$fast timing=1 &&
		sleep 1 && rmmod ktach_softirq && rmmod ktach_cpustat &&
		insmod /ktach/ktach_softirq.ko slots=256 period_us=$((10 * fast)) timing=1 &&
		insmod /ktach/ktach_cpustat.ko slots=64 period_us=200000
}

turn_sysfs() {
	cat /sys/class/ktach/*/* /proc/stat /proc/softirqs >/dev/null 2>&1
	usleep 50000
}

# --- the parts --------------------------------------------------------------
part_boot() {
	check "KASAN watches" told 'KernelAddressSanitizer initialized' dmesg
	check "lockdep watches" lockdep_is_on
	check "debug objects watch" [ -e $debug/debug_objects/stats ]
	check "kmemleak watches, when it is asked" eval 'echo scan=off >$debug/kmemleak'
	is "$(cat /sys/devices/system/cpu/possible)" "0-$((cpus - 1))" "$cpus CPUs are possible"
	quiet "at boot" 'WARNING:|BUG:|Oops|KASAN|UBSAN|INFO: |suspicious RCU|detector disabled|Call Trace'
}

part_rounds() {
	ring_rounds "$rounds" /ktach
	ok $? "$rounds rounds of load and unload"
	quiet "after them"
}

# A failed allocation of pages shows a trace of its own: that is no complaint.
part_faults() {
	local fault
	for fault in failslab fail_page_alloc; do
		echo N >$debug/$fault/ignore-gfp-wait
		echo 0 >$debug/$fault/verbose
	done
	echo 0 >$debug/fail_page_alloc/min-order
	echo N >$debug/fail_page_alloc/ignore-gfp-highmem
	# It says of each what failed: the console need not hear it.
	dmesg -n 1
	ring_faults /ktach
	ok $? "a failing allocation when loading, and when reading"
	dmesg -n 4
	quiet "after them" "$complaints"
}

part_timer() {
	local before
	check "the modules load" eval 'insmod /ktach/ktach_aggregator.ko && insmod /ktach/ktach_cpustat.ko slots=64 timing=1 &&
		insmod /ktach/ktach_softirq.ko slots=16 timing=1'
	is "$(timer_cpus)" 0 "the timers are on CPU 0"
	echo 1000 >/sys/class/ktach/cpustat/period_us
	check "CPU 0 goes offline" set_cpu 0 0
	check "the timers move: to CPU $(timer_cpus)" told '^[1-9]$' timer_cpus
	before=$(head_of cpustat)
	sleep 1
	check "and go on" test "$(head_of cpustat)" -gt $((before + 10))
	check "CPU 0 comes back" set_cpu 0 1
}

# Two at once: one of them comes back while the other one is at work.
part_return() {
	echo 4096 >/sys/class/ktach/cpustat/slots
	SLACK_MS=1000 ring_return 50 1 2
	ok $? "50 rounds of CPUs that go and come at each of four periods"
	quiet "after them"
}

part_stress() {
	local what pids=
	: >/tmp/stress
	for what in period slots cpu reload sysfs; do
		while_it_lasts $what &
		# Readers that spin must not keep it from its turn.
		renice -n -10 -p $! >/dev/null
		pids="$pids $!"
	done
	ring_stress "$seconds" 16 $went
	ok $? "16 readers for $seconds s or more, while all else changes"
	rm /tmp/stress
	# shellcheck disable=SC2086
	wait $pids
	for what in period slots cpu reload sysfs; do
		check "$what: $(cat /tmp/turns.$what) turns" test "$(cat /tmp/turns.$what)" -ge 1
	done
	is "$(cat /sys/devices/system/cpu/online)" 0-3 "every CPU is back"
	check "the modules unload" unload
	quiet "after it"
}

part_end() {
	local left
	is "$(grep -c '\[ktach_' /proc/vmallocinfo)" 0 "no ring is left in memory"
	left=$(leaks)
	is $? 0 "kmemleak still watches"
	check "nothing leaks" test -z "$left"
	[ -z "$left" ] || echo "$left" | head -n 60 | sed 's/^/# /'
	check "lockdep still watches" lockdep_is_on
	quiet "in the end"
}

say() {
	echo "# $(cut -d ' ' -f 1 /proc/uptime) s: $1"
}

say boot
part_boot
say rounds
part_rounds
if [ "$faults" = 1 ]; then
	say faults
	part_faults
fi
say stress
part_timer
[ "$cpus" -gt 4 ] || part_return
part_stress
say end
part_end
say "that is all"
done_testing
