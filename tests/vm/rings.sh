#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rings that BPF fills, in a guest: what the shipper makes of them, and who else reads
# them, up to the collector's history; beside the modules' and /proc, for SECONDS_RINGS
# under stress-ng, while a CPU goes and comes; RETURNS rounds of them. GUEST_KERNEL as
# in ring_test.sh.
# Time limit: 1200 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
seconds=${SECONDS_RINGS:-60} returns=${RETURNS:-5}
for tool in bash setpriv jq stress-ng script; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
. tests/vm/modules.sh
# Kernels that this system's compiler does not build modules for: without them.
build=0
flock "$B" make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >"$work/make" 2>&1 && build=1
for module in aggregator cpustat softirq; do
	[ $build -eq 0 ] || arguments+=(-k "$B/kmod/$KVER/ktach_$module.ko")
done
for program in ring_both ring_proc ring_hotplug ring_torn ring_return ring_timing; do
	arguments+=(-p "$B/tests/selftests/$program")
done
cp tests/vm/rings_guest.sh "$work/run"
check "the guest's files are packed" tests/vm/initrd.sh "$work/initrd" "${arguments[@]}" -p "$B/tests/vm/vmexit" -p "$B/ktach-shipper" -p "$B/bin/ktach" \
	-p "$B/ktach-collector" -p /lib/terminfo/l/linux -p "$(command -v script)" -p "$(command -v stress-ng)" \
	-p "$(command -v setpriv)" -p "$(type -P jq)" -f "$work/run" -f tests/tap.sh -f tests/vm/modules_guest.sh
[ $build -eq 1 ] || echo "# no modules for $KVER here: $(tail -n 1 "$work/make")"

boot_modules -s -c 4 -t $((300 + 4 * seconds + 40 * returns)) -a "$seconds,$returns"
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "$((5 + build + (returns > 0))) plans, $planned points" "every part of it was gone through"

# with NAME LINE: LINE on the kernel's command line, and what there is of rings then.
with() {
	boot_modules -c 2 -t 240 -k "$2" -a "$1"
	sed '/Kernel panic/,$d' "$work/console" >"$work/points"
	relay "$work/points" "$1: "
	# A locked down kernel lets no program end the guest with a status.
	[ "$1" = lockdown ] || is "$status" 0 "with $2 the guest ran to its end"
	is "$plans plans, $points points" "1 plans, $planned points" "and every part of it was gone through"
}

with nohz nohz_full=1
with lockdown lockdown=confidentiality
done_testing
