# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run: the modules with exact times, and their probes
# attached and detached, with a CPU that was away, too.
. /test/tap.sh
. /test/modules_guest.sh

check "the modules load with timing=1" load timing=1
ring_timing 5
netlink_exact
for _ in 1 2 3 4 5; do
	check "probes are detached and attached" eval 'rmmod ktach_softirq && rmmod ktach_cpustat &&
		insmod /ktach/ktach_cpustat.ko timing=1 && insmod /ktach/ktach_softirq.ko timing=1'
done
check "the modules unload" unload
is "$(lsmod | grep ktach)" "" "none is left"
check "all load again after that, without exact times" load
check "with their devices" [ -e /dev/cpu_stat_monitor ]
check "and unload" unload
done_testing
