#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a sample costs by the rings and by /proc (bench/ring.c), in guests of 4 and
# 16 CPUs, in one of 255 possible CPUs, and twice with one CPU by instructions.
#
# QEMU's times are no times of a real machine: rdtsc, a miss of its TLB and fast
# "rep movsb" cost far more than there. So the guests have the TSC as their clock
# and no fast "rep movsb", and ratios are of one guest; the counts of
# instructions are exact, but that goes with one CPU only.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}

kernel=$(tests/vm/kernel.sh) || exit 1
. tests/vm/modules.sh
pack_modules bench/ring_guest.sh "" "$B/bench/ring"
[ "$tap_failed" -eq 0 ] || exit 1

# guest NAME CPUS [OPTION]
guest() {
	echo "# $1: booting a guest of $2 CPUs"
	boot_modules -c "$2" -t 300 -m AuthenticAMD,-erms,-fsrm ${3:+"$3"} \
		-k "tsc=reliable clocksource=tsc" -a "$1"
	grep -E '^(#|BAR|cannot|no )' "$work/console"
	[ "$status" -eq 0 ] || {
		echo "the guest of $2 CPUs ended with status $status" >&2
		exit 1
	}
}

guest 4cpu 4
guest 16cpu 16
guest 255possible 4,maxcpus=255
guest 1cpu_instructions 1 -i
guest 1of255_instructions 1,maxcpus=255 -i
