# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run SECONDS LIBRARIES: what each agent costs, all CPUs, the
# kernel's timers and the sending included.
. /test/modules_guest.sh
seconds=$1 libraries=$2

cost() {
	local name=$1
	shift
	ship_ring "$name" "$seconds" "$@" 2>/tmp/err || cat /tmp/err
}

# What a kernel does after it has booted takes a while, the longer the more CPUs.
sleep 300
cost nothing sleep 100000
cost lean lean 24760 100 1400 /proc/stat /proc/softirqs
export LD_LIBRARY_PATH="$libraries"
[ -z "$libraries" ] || cost collectd collectd -f -C /bin/collectd.conf
unset LD_LIBRARY_PATH
load period_us=10000 slots=512
cost rings sleep 100000
# It wakes once a second, and takes what the rings have.
# shellcheck disable=SC2046
cost shipper ktach-shipper --collector 127.0.0.1:24760 --state /tmp \
	$(cat /bin/shipper_options)
unload

# Sixty samples, one a second; what comes before the eleventh second is not of them.
load period_us=1000000
if [ -x /bin/strace ]; then
	# shellcheck disable=SC2046
	ktach-shipper --collector 127.0.0.1:24760 --state /tmp $(cat /bin/shipper_options) 2>/dev/null &
	shipper=$!
	sleep 10
	timeout -s INT 60 strace -f -c -o /tmp/calls -p $shipper 2>/dev/null
	kill $shipper
	wait $shipper
	awk '/total$/ { printf "calls %.2f\n", $4 / 60 }' /tmp/calls
fi
unload
