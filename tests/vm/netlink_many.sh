#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The netlink family in more guests: of 255 possible CPUs, and with a crowd of
# subscribers on a CPU whose clock is undisturbed.
# Time limit: 1200 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/netlink.sh

guest "255 possible CPUs" -c 4,maxcpus=255 -t 300 -- client nested raw duty:2
guest "a crowd" -i -c 1 -t 300 -- crowd:5
done_testing
