# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest of so many possible CPUs and one that is there, as /test/run CPUS
# [PARAMETER]...: the modules load by their defaults and these, sample, and unload.
. /test/tap.sh
. /test/modules_guest.sh
cpus=$1
shift

head_of() {
	cat "/sys/class/ktach/$1/head"
}

# Bytes of the largest ring.
largest() {
	awk '/\[ktach_aggregator\]/ && $2 > most { most = $2 } END { print most + 0 }' /proc/vmallocinfo
}

is "$(cat /sys/devices/system/cpu/possible)" "0-$((cpus - 1))" "$cpus CPUs are possible"
check "the modules load${*:+ with $*}" load "$@"
is "$(cat /sys/class/ktach/cpustat/records)" "$cpus" "a record for each"
check "a ring takes no more than 64 MiB ($(cat /sys/class/ktach/cpustat/slots) slots)" \
	within 1000001 "$(largest)" $((64 * 1024 * 1024 + 8192))
stat=$(head_of cpustat) softirq=$(head_of softirq)
sleep 5
check "times go on" [ "$(head_of cpustat)" -gt "$stat" ]
check "and softirqs do" [ "$(head_of softirq)" -gt "$softirq" ]
netlink_raw
ok $? "combined samples of all of them are to be had"
check "the modules unload" unload
done_testing
