# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run: where the shipper has CPUs and softirqs from, without the
# modules and with them.
. /test/tap.sh
. /test/modules_guest.sh
log=/tmp/log
mkdir /tmp/s

# says TEXT...: within a minute, of each.
says() {
	for text; do
		check "the shipper says: $text" wait_for 120 grep -q "$text" $log
	done
}

without="from BPF's ring"
grep -qw kernel_cpustat /proc/kallsyms || without="from /proc: .*no ring by BPF: .*CONFIG_KALLSYMS_ALL"
ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp/s --interval 100ms >$log 2>&1 &
shipper=$!
says "cpu times $without" "softirqs $without"
check "the modules load" load period_us=100000
says "cpu times from /dev/cpu_stat_monitor" "softirqs from /dev/cpu_softirq_monitor"
check "its sources unload while it reads them" eval 'rmmod ktach_softirq && rmmod ktach_cpustat'
check "and it goes on without" wait_for 120 sh -c "grep -c 'cpu times $without' $log | grep -qx 2"
kill $shipper
wait $shipper
is $? 0 "and ends as it is told to"
done_testing
