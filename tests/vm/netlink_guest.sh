# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run TEST...: the modules are loaded and these programs run.
. /test/tap.sh
insmod /ktach/ktach_aggregator.ko &&
	insmod /ktach/ktach_cpustat.ko slots=1024 &&
	insmod /ktach/ktach_softirq.ko slots=1024
ok $? "the modules load"
for program; do
	netlink_$(echo "$program" | tr : " ")
done
done_testing
