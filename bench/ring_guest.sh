# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run NAME [awake], or NAME use idle|awake. The rings that BPF fills
# stay when the shipper ends.
. /test/tap.sh
. /test/modules_guest.sh
if [ "$2" = use ]; then
	# No combined samples: /proc gives none to compare them with.
	insmod /ktach/ktach_aggregator.ko period_us=60000000 && insmod /ktach/ktach_cpustat.ko &&
		insmod /ktach/ktach_softirq.ko && ring_use "$1" "$3"
	exit
fi
ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp >/tmp/log 2>&1 &
shipper=$!
wait_for 30 grep -q "softirqs from BPF's ring" /tmp/log || cat /tmp/log
kill $shipper
wait $shipper
export RINGS_PINS=/sys/fs/bpf/ktach
load && ring "$@"
