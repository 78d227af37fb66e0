#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The shipper, built for another architecture, in a guest of it: it samples, and says
# where from. GUEST_KERNEL as in ring_test.sh.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/modules.sh
pack_modules tests/vm/foreign_shipper_guest.sh "" "$built/ktach-shipper"
boot_modules -t 400
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "1 plans, $planned points" "every part of it was gone through"
done_testing
