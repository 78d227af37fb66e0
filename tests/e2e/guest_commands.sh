# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: say what /proc holds before and after some samples, under load;
# then take a module away and bring it back while the shipper runs.
proc() {
	sed -n "s/^cpu[0-9]/@$1 &/p" /proc/stat
	tail -n +2 /proc/softirqs | sed "s/^ */@$1 softirq /"
}
mark() {
	echo "@$1 $(date +%s)"
}

sleep 3
for _ in 0 1; do
	timeout 8 sh -c 'while :; do :; done' &
done
# To the end: on a busy host the shipper counts later than this begins.
ping -q 10.0.2.2 >/dev/null &
pinger=$!
sleep 1
proc before
mark before
sleep 6
mark after
proc after
sleep 2
mark unload
alone rmmod ktach_cpustat || echo "not ok - ktach_cpustat is in use"
sleep 4
insmod /ktach/ktach_cpustat.ko
sleep 4
kill $pinger
