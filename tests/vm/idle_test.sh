#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An idle guest with shipper and collector waits for no disk, as it does without
# them: iowait, procs_blocked and the pressure of I/O. From the environment:
#   GUEST_KERNEL   another kernel, as kernel.sh has it: "trixie-backports amd64"
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/idle_boot.sh
idle_boot 5 3 off collector+shipper
for name in iowait_percent io_pressure_percent procs_blocked; do
	off=$(figure off $name) on=$(figure collector+shipper $name)
	# Of a process that is blocked for good, one sample more would be one.
	awk -v off="$off" -v on="$on" -v limit="$([ $name = procs_blocked ] && echo 0.01 || echo 1)" \
		'BEGIN { exit !(off != "" && on != "" && on - off <= limit) }'
	ok $? "$KVER: $name is $off without ktach, and $on with it"
done
[ "$(figure all frames)" -ge 4 ]
ok $? "and they were at work ($(figure all frames) frames)"
done_testing
