#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that can be changed is changed while everything that can be asked is
# asked, and compared with /proc/stat after each step: torture_guest.sh, in guests of
# four CPUs that run at once (preempt=full), and that take turns (with exact times).
# SECONDS_TORTURE of each. GUEST_KERNEL as in ring_test.sh; "debug" is debug_kernel.sh's.
# Time limit: 6000 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
seconds=${SECONDS_TORTURE:-30}
slack=100

if [ "${GUEST_KERNEL:-}" = debug ]; then
	kernel=$(tests/vm/debug_kernel.sh) || skip_all "the debug kernel cannot be had"
	slack=1000
fi
. tests/vm/modules.sh
pack_modules tests/vm/torture_guest.sh "ring_stress netlink_fuzz netlink_torture"

# guest TITLE VARIABLE OPTION...
guest() {
	# Linux takes the first CPU offline on Intel's machines only.
	boot_modules -c 4 -M 2G -t $((300 + 10 * seconds)) -m GenuineIntel \
		-k "cpu0_hotplug preempt=full suspend.pm_test_delay=1" "${@:3}" \
		-a "$seconds,SLACK_MS=$slack${2:+,$2}"
	relay "$work/console" "$1: "
	is "$status" 0 "$1: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plans, $points points" "2 plans, $planned points" "$1: every part of it was gone through"
}

guest "at once" ""
guest "in turns" TIMING=1 -s
done_testing
