#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the modules are not loaded, every selftest of theirs says that it was
# skipped, in kselftest's words and with its status: 4.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
[ ! -e /dev/cpu_stat_monitor ] || skip_all "the modules are loaded here"

# What each has to be called with.
arguments() {
	case $1 in
	ring_abi) echo /dev/cpu_stat_monitor cpustat 1 ;;
	ring_return) echo 1 1 ;;
	ring_rounds) echo 1 /ktach ;;
	ring_idle | netlink_unload) echo /ktach 1 ;;
	ring_faults) echo /ktach ;;
	netlink_torture) echo 1 /ktach ;;
	ring_stress | netlink_crowd) echo 2 1 ;;
	*) echo 1 ;;
	esac
}

for source in tests/selftests/ring_*.c tests/selftests/netlink_*.c; do
	name=$(basename "$source" .c)
	# shellcheck disable=SC2046
	said=$("$B/tests/selftests/$name" $(arguments "$name") 2>&1)
	status=$?
	grep -q "^1\.\.0 # SKIP " <<<"$said"
	is "$? $status" "0 4" "$name is skipped"
done
done_testing
