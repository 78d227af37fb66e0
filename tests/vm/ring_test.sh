#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot Debian's kernel in a guest, go through ring_guest.sh there, and give its
# points as ours. Two CPUs are online, eight are possible. From the environment:
#   GUEST_KERNEL   another kernel, as kernel.sh has it: "trixie-backports amd64"
#   GUEST_SECONDS  how long to compare samples with /proc, in place of 12
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
programs="ring_abi ring_torn ring_hotplug ring_proc ring_unload ring_slots"

. tests/vm/modules.sh
pack_modules tests/vm/ring_guest.sh "$programs"
boot_modules -c 2,maxcpus=8 -t 300 -a "${GUEST_SECONDS:-12}"
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "8 plans, $planned points" "every part of it was gone through"
done_testing
