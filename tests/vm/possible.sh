#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests of as many possible CPUs as Debian's kernel takes: what the modules have by
# default fits. 6.1 only: later kernels believe what the machine says.
# Time limit: 2000 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/modules.sh
pack_modules tests/vm/possible_guest.sh "netlink_raw"

# guest CPUS [PARAMETER]: each possible CPU has 300 kB of the kernel's own, and the
# tests of its ciphers as much.
guest() {
	boot_modules -c 1 -M 8G -t 900 -k "possible_cpus=$1 cryptomgr.notests" -a "$1${2:+,$2}"
	relay "$work/console" "$1 possible CPUs: "
	is "$status" 0 "$1 possible CPUs: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plans, $points points" "2 plans, $planned points" "$1 possible CPUs: every part of it was gone through"
}

guest 2048 timing=1
guest 8192
done_testing
