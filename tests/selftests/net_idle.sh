#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Does counting wake a host that is quiet? In a guest alone, where nobody else
# runs (tests/vm/net.sh): interrupts of the CPUs' timers without our programs, with
# them and traffic now and then, and with them and no process of ours.
here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"
seconds=20

# timers: interrupts of all CPUs' timers so far
timers() {
	awk '$1 == "LOC:" { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i
			    print n }' /proc/interrupts
}

# woken: how many there are in so many seconds
woken() {
	before=$(timers)
	sleep $seconds
	echo $(($(timers) - before))
}

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
stop $table_pid
detach
sleep 5
without=$(woken)
ticks=$seconds
start_table idle -p 1000
kill -9 $table_pid
sleep 5
with=$(woken)
echo "# $without interrupts in $seconds s without, $with with programs and $ticks ticks"
# A tick is one interrupt, and may be another one where the kernel goes back to
# sleep; a timer of 1 kHz would be 20000.
check "a quiet host has one wake-up a tick" test $((with - without)) -le $((ticks * 3 + 20))
in_far "$bin/net_send" d0 10 4 udp 1000 0 0 >/dev/null
sleep 2
after=$(woken)
check "and no more after traffic: no timer is left running for its buckets" \
	test $((after - without)) -le $((ticks * 3 + 20))
echo "# $after after traffic"
detach
done_testing
