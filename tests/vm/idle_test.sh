#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An idle guest with shipper and collector waits for no disk, as it does without
# them: iowait, procs_blocked and the pressure of I/O. How idle and busy it is, mpstat
# and ktach say alike, from /proc and from the modules' rings. From the environment:
#   GUEST_KERNEL   another kernel, as kernel.sh has it: "trixie-backports amd64"
#   KMOD_IN        what its modules are built in (matrix.sh); without it, and with
#                  another kernel, they are left out
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/idle_boot.sh
command -v mpstat >/dev/null || skip_all "mpstat is not installed"
phases="collector+shipper modules"
[ -z "${GUEST_KERNEL:-}" ] || [ -v KMOD_IN ] || phases=collector+shipper
# shellcheck disable=SC2086
idle_boot 5 3 off $phases
for name in iowait_percent io_pressure_percent procs_blocked; do
	off=$(figure off $name) on=$(figure collector+shipper $name)
	# Of a process that is blocked for good, one sample more would be one.
	check "$KVER: $name is $off without ktach, and $on with it" awk -v off="$off" -v on="$on" \
		-v limit="$([ $name = procs_blocked ] && echo 0.01 || echo 1)" 'BEGIN { exit !(off != "" && on != "" && on - off <= limit) }'
done
# Each looks at seconds of its own, in which the other begins: busy, and not waiting
# for a disk, of which there is none.
for phase in $phases; do
	for name in iowait idle busy; do
		mpstat=$(figure "$phase" mpstat_${name}_percent) ours=$(figure "$phase" ktach_${name}_percent)
		check "$KVER, $phase: mpstat says $name $mpstat %, and ktach $ours % ($(figure "$phase" ktach_origin))" \
			awk -v a="$mpstat" -v b="$ours" -v most="$([ $name = iowait ] && echo 1 || echo 5)" \
			'BEGIN { d = a - b; exit !(a != "" && b != "" && d <= most && d >= -most) }'
	done
done
echo "# $KVER, off: mpstat says iowait $(figure off mpstat_iowait_percent) %, idle $(figure off mpstat_idle_percent) %, busy $(figure off mpstat_busy_percent) %"
check "and they were at work ($(figure all frames) frames)" test "$(figure all frames)" -ge 4
done_testing
