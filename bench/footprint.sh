#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: footprint.sh, or make bench-footprint; SECONDS_EACH=60 measures longer.
# What ktach adds to a host that is idle, as the kernel counts it: guests of two
# CPUs with Debian's 6.1 and its newest kernel, without it and with one part after
# the other. docs/footprint.md has the table that this prints. Modules are left out
# where this system has no compiler for them.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh >/dev/null
B=${B:-build}
seconds=${SECONDS_EACH:-30}

# bar NAME VALUE LIMIT: at most.
bar() {
	awk -v n="$1" -v v="$2" -v l="$3" 'BEGIN { printf "BAR %s %s %s %s\n", n, v, l, v != "" && v + 0 <= l + 0 ? "ok" : "short" }'
}
# more NAME: how much more there is with all of it than without.
more() {
	awk -v a="$(figure off "$1")" -v b="$(figure shipper "$1")" 'BEGIN { if (a != "" && b != "") printf "%.2f", b - a }'
}
# table PHASE...: rows of the figures.
table() {
	local name phase
	printf '|'
	printf ' %s |' "Linux $KVER" "$@"
	printf '\n|---|'
	printf '%.0s---|' "$@"
	echo
	awk '!seen[$2]++ && $1 != "all" { print $2 }' "$work/figures" | while read -r name; do
		printf '| %s |' "${name//_/ }"
		for phase; do printf ' %s |' "$(figure "$phase" "$name")"; done
		echo
	done
}
# measure SUITE PHASE...
measure() {
	GUEST_KERNEL=$1 kernel=''
	shift
	. tests/vm/idle_boot.sh
	idle_boot "$seconds" 15 "$@" >"$work/log" 2>&1 || return
	table "$@"
	bar "footprint-iowait-percent-$KVER" "$(more iowait_percent)" 1
	bar "footprint-io-pressure-percent-$KVER" "$(more io_pressure_percent)" 1
	bar "footprint-procs-blocked-$KVER" "$(more procs_blocked)" 0
	bar "footprint-context-switches-a-second-$KVER" "$(more context_switches_per_s)" "${LIMIT_SWITCHES:-40}"
	bar "footprint-interrupts-a-second-$KVER" "$(more interrupts_per_s)" "${LIMIT_INTERRUPTS:-50}"
	bar "footprint-paged-out-kb-a-second-$KVER" "$(more paged_out_kb_per_s)" 0
}

measure "" off modules collector shipper
measure trixie-backports off collector shipper
exit 0
