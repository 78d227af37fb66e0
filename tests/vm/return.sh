#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CPUs go, come back, and are suspended, at four periods, RETURNS times each: idle times
# are those of /proc/stat. GUEST_KERNEL as in ring_test.sh.
# Time limit: 2700 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
returns=${RETURNS:-50}
. tests/vm/modules.sh
pack_modules tests/vm/return_guest.sh ring_return

boot_modules -c 4 -t $((400 + 40 * returns)) -k suspend.pm_test_delay=1 -a "$returns"
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "2 plans, $planned points" "every part of it was gone through"
done_testing
