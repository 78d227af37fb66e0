#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As ring_test.sh: the modules with timing=1, in a guest of two CPUs that take
# turns, as probes are attached and detached there.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}

. tests/vm/modules.sh
pack_modules tests/vm/timing_guest.sh "ring_timing netlink_exact"
boot_modules -s -c 2
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "3 plans, $planned points" "every part of it was gone through"
done_testing
