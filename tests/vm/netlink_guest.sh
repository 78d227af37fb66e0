# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run PROGRAM[:ARGUMENT]...: load the modules and run these
# of the netlink selftests.
. /test/tap.sh
. /test/modules_guest.sh

# What the kernel says from here on, init looks at: a kernel that watches locks
# has their names in what it says at boot.
is "$(dmesg -c | grep -E 'WARNING:|BUG:|Oops|Call Trace')" "" "the kernel is quiet at boot"

# not_loaded WHAT PARAMETER WORDS: loading fails, and the log says why.
not_loaded() {
	check "$1 is refused" fails insmod /ktach/ktach_aggregator.ko "$2"
	check "and the log says why: $3" told "ktach_aggregator: $3" dmesg
}

not_loaded "a number of samples that is no power of two" samples=100 "samples=100 refused"
not_loaded "more samples than there is memory for" samples=131072 "samples=131072 refused"
not_loaded "a period of 999 us" period_us=999 "period_us=999 refused"
check "the modules load" load slots=1024
for test; do
	# shellcheck disable=SC2046
	netlink_$(echo "$test" | tr : ' ')
	echo "# $(cut -d ' ' -f 1 /proc/uptime) s: $test"
done
check "the modules unload" unload
done_testing
