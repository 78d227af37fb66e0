# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run [SECONDS]: the modules and their rings, from the first
# load to the last unload. The samples are compared with /proc for SECONDS.
. /test/tap.sh
. /test/modules_guest.sh

# not_loaded WHAT PARAMETER WORDS: loading fails, and the log says why.
not_loaded() {
	check "$1 is refused" fails insmod /ktach/ktach_cpustat.ko "$2"
	check "and the log says why: $3" told "ktach_aggregator: cpustat: $3" dmesg
	[ ! -e /dev/cpu_stat_monitor ] || rmmod ktach_cpustat
}

# The rings that the aggregator has allocated and not freed.
rings() {
	grep -c '\[ktach_aggregator\]' /proc/vmallocinfo
}

vmalloc_kb() {
	awk '/^VmallocUsed:/ { print $2 }' /proc/meminfo
}

# Memory that is given back late is not leaked: one round does not count.
rounds() {
	for _ in $(seq "$1"); do
		load slots=1024 || return 1
		dd if=/dev/cpu_stat_monitor of=/dev/null bs=64k count=1 2>/dev/null || return 1
		unload || return 1
	done
}

insmod /ktach/ktach_cpustat.ko 2>/dev/null
check "a source does not load without the aggregator" test $? -ne 0
check "the aggregator loads" insmod /ktach/ktach_aggregator.ko
not_loaded "a number of slots that is no power of two" slots=100 "slots=100 refused"
not_loaded "a ring of one slot" slots=1 "slots=1 refused"
# A slot takes 128 bytes a CPU. How many CPUs are possible differs by kernel:
# newer ones do not count those that QEMU could plug in.
possible=$(sed 's/.*-//' /sys/devices/system/cpu/possible)
if [ "$possible" -ge 7 ]; then
	not_loaded "a ring of more than 64 MiB" slots=65536 "slots=65536 refused: with"
else
	skip "a ring of more than 64 MiB is refused" "with $((possible + 1)) CPUs no ring is that large"
fi
not_loaded "a period of 99 us" period_us=99 "period_us=99 refused"
rmmod ktach_aggregator

check "the modules load with a period and a number of slots" load period_us=20000 slots=64
is "$(cat /sys/class/ktach/cpustat/period_us /sys/class/ktach/softirq/slots | xargs)" \
	"20000 64" "and take both"
is "$(stat -c %a /dev/cpu_stat_monitor /dev/cpu_softirq_monitor | xargs)" \
	"440 440" "the devices are there, for root and its group to read"
check "sysfs has its attributes" eval 'cd /sys/class/ktach/softirq && cat backward_events fill_ns_last fill_ns_max head missed period_us records slots'
is "$(rings)" 3 "a ring for each source is in memory, and the combined one"

ring_abi /dev/cpu_stat_monitor cpustat 1
ring_abi /dev/cpu_softirq_monitor softirq 2
ring_torn 3000000
ring_hotplug 1
ring_slots
is "$(rings)" 3 "no ring that was replaced is left in memory"
unload
load slots=1024
ring_proc "${1:-30}"
ring_unload

is "$(lsmod | grep ktach)" "" "none is loaded"
check "all load again after that" load
check "with their devices" [ -e /dev/cpu_stat_monitor ]
check "and the sources unload" eval 'rmmod ktach_softirq && rmmod ktach_cpustat'
is "$(rings)" 1 "no ring of a source is left in memory"
rmmod ktach_aggregator
rounds 1
before=$(vmalloc_kb)
check "20 rounds of load, read and unload" rounds 20
grown=$(($(vmalloc_kb) - before))
echo "# vmalloc memory has grown by $grown KiB"
check "leave no memory behind" test $grown -lt 512
done_testing
