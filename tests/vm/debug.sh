#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: debug.sh
# Boot a kernel that watches for bad memory accesses, locks and leaks, and go
# through debug_guest.sh there: with 4 CPUs, then shorter with 255 possible ones
# of which 4 are online. ROUNDS, FAULTS=0, SECONDS_4 and SECONDS_255
# make it shorter.
# Time limit: 3600 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
programs="ring_rounds ring_faults ring_stress ring_return"

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
kernel=$(tests/vm/debug_kernel.sh) || skip_all "the debug kernel cannot be had"
. tests/vm/modules.sh
pack_modules tests/vm/debug_guest.sh "$programs"

# guest TITLE CPUS PLANS ROUNDS FAULTS SECONDS POSSIBLE: go through the guest's
# script. A host that is busy elsewhere may take several times its time.
guest() {
	local title=$1 cpus=$2 want=$3 words limit
	shift 3
	limit=$((1500 + 4 * $1 + 300 * $2 + 3 * $3))
	words=$(IFS=,; echo "$*")
	echo "debug.sh: $title; this takes some minutes" >&2
	# Linux takes the first CPU offline on Intel's machines only. After bad
	# accesses to memory anything may happen: it is not waited for.
	boot_modules -c "$cpus" -M 2G -t "$limit" -k "cpu0_hotplug suspend.pm_test_delay=1 kasan.fault=panic" \
		-m GenuineIntel -a "$words"
	relay "$work/console" "$title: "
	is "$status" 0 "$title: the guest ran to its end"
	is "$plans plans, $points points" "$want plans, $planned points" "$title: every part of it was gone through"
}

guest "4 CPUs" 4 $((4 + ${FAULTS:-1})) "${ROUNDS:-200}" "${FAULTS:-1}" "${SECONDS_4:-120}" 4
# SECONDS_255=0: the first guest only, as for planted faults.
[ "${SECONDS_255:-30}" -eq 0 ] ||
	guest "255 possible CPUs" 4,maxcpus=255 3 10 0 "${SECONDS_255:-30}" 255
done_testing
