#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The netlink family under KASAN, lockdep and the like: its commands, FUZZ_COUNT
# random requests, unloading with clients, FUZZ_ROUNDS times.
# Time limit: 14400 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
kernel=$(tests/vm/debug_kernel.sh) || skip_all "the debug kernel cannot be had"
. tests/vm/modules.sh
pack_modules tests/vm/netlink_guest.sh "netlink_raw netlink_client netlink_nested netlink_unload netlink_fuzz"

# After bad accesses to memory anything may happen: it is not waited for.
boot_modules -c 4 -M 2G -t "${FUZZ_SECONDS:-7200}" -k kasan.fault=panic \
	-a "raw,client,nested,unload:/ktach:${FUZZ_ROUNDS:-5},fuzz:${FUZZ_COUNT:-1000000}"
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "6 plans, $planned points" "every part of it was gone through"
done_testing
