#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot Debian's kernel in a guest of four CPUs, one of them isolated and the
# first removable, and go through cpus_guest.sh there: which CPUs are woken, where
# the timers go, exact times, ten million reads under the pen of a fast writer.
# COPIES, RETURNS and SECONDS_CPUS (of each measurement) make it shorter.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
kernel=$(tests/vm/kernel.sh) || skip_all "Debian's kernel cannot be had"
. tests/vm/modules.sh
pack_modules tests/vm/cpus_guest.sh "ring_idle ring_torn ring_move ring_timing ring_return"

# guest TITLE PLANS LINE WORDS: with LINE on the kernel's command line.
guest() {
	# Linux takes the first CPU offline on Intel's machines only.
	boot_modules -c 4 -t 540 -m GenuineIntel -k "cpu0_hotplug suspend.pm_test_delay=1 $3" -a "$4"
	relay "$work/console" "$1: "
	is "$status" 0 "$1: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plans, $points points" "$2 plans, $planned points" "$1: every part of it was gone through"
}

guest "idle CPUs" 1 nohz_full=3 "idle,${SECONDS_CPUS:-10}"
guest "busy CPUs" 5 isolcpus=1 "busy,${SECONDS_CPUS:-10},${COPIES:-10000000},${RETURNS:-8}"
done_testing
