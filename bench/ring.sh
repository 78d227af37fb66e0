#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a sample costs by the modules' rings and by /proc. As it is used, in instructions of
# the whole guest (bench/ring_use.c), of 4, 16 and 64 CPUs, most of which sleep or none.
# Part by part, by BPF's rings, too (bench/ring.c), in guests of 1, 4 and 16 CPUs, without
# others and as part of 255 possible ones.
#
# QEMU's times are no times of a real machine: rdtsc, a miss of its TLB and fast
# "rep movsb" cost far more than there. So most guests have a clock that counts
# instructions; it knows nothing of caches. Two things do not go together: only older
# kernels count CPUs that QEMU could plug in as possible, and they don't boot with several
# CPUs that take turns (run.sh). So the figures of 4 and 16 CPUs of 255 possible ones are
# by QEMU's time, the worse one. All guests have the TSC as their clock and no fast
# "rep movsb".
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}

old=$(tests/vm/kernel.sh) || exit 1
kernel=$(tests/vm/kernel.sh bookworm "6.12-$(dpkg --print-architecture)") || exit 1
. tests/vm/modules.sh

pack() {
	pack_modules bench/ring_guest.sh "" "$B/bench/ring" "$B/bench/ring_use" "$B/ktach-shipper"
	[ "$tap_failed" -eq 0 ] || exit 1
}

# guest NAME CPUS [OPTION]: -i counts instructions.
guest() {
	echo "# $1: booting a guest of $2 CPUs, Linux $KVER"
	boot_modules -c "$2" -t 900 -m AuthenticAMD,-erms,-fsrm ${3:+"$3"} \
		-k "tsc=reliable clocksource=tsc" -a "$1"
	[ "$status" -eq 0 ] || {
		cat "$work/console"
		echo "the guest of $2 CPUs ended with status $status" >&2
		exit 1
	}
}

told() {
	grep -E '^(#|BAR) ' "$work/console"
}

# possible COUNT: so many the last guest has.
possible() {
	grep -q " $1 CPUs possible" "$work/console" || {
		echo "$1 CPUs were to be possible:" >&2
		cat "$work/console" >&2
		exit 1
	}
}

pack
for cpus in 4 16 64; do
	for state in idle awake; do
		guest ${cpus}cpu_$state,use,$state $cpus -i && told
	done
done
for cpus in 4 16; do
	guest ${cpus}cpu_time $cpus && told
	guest ${cpus}cpu $cpus -i && told
done
guest 1cpu 1 -i && told
guest 16cpu_awake,awake 16 -i && told
eval "$old"
pack
guest 1of255 1,maxcpus=255 -i && possible 255 && told
for cpus in 4 16; do
	guest ${cpus}of255 $cpus,maxcpus=255 && possible 255 && told
done
