#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot Debian's kernel in a guest, go through ring_guest.sh there, and give its
# points as ours. Two CPUs are online, eight are possible. From the environment:
#   GUEST_KERNEL   another kernel, as kernel.sh has it: "trixie-backports amd64"
#   GUEST_SECONDS  how long to compare samples with /proc, in place of 30
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
programs="ring_abi ring_torn ring_hotplug ring_proc ring_unload"

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
# shellcheck disable=SC2086
kernel=$(tests/vm/kernel.sh ${GUEST_KERNEL:-}) || skip_all "Debian's kernel cannot be had"
eval "$kernel"
make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >&2
ok $? "the modules build for $KVER"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tests/vm/ring_guest.sh "$work/run"
arguments=
for module in aggregator cpustat softirq; do
	arguments="$arguments -k $B/kmod/$KVER/ktach_$module.ko"
done
for program in $programs; do
	arguments="$arguments -p $B/tests/selftests/$program"
done
# shellcheck disable=SC2086
tests/vm/initrd.sh "$work/initrd" $arguments -p "$B/tests/vm/vmexit" \
	-f "$work/run" -f tests/tap.sh
ok $? "the guest's files are packed"
tests/vm/run.sh -c 2,maxcpus=8 -t 240 -a "${GUEST_SECONDS:-30}" "$KERNEL_IMAGE" "$work/initrd" |
	tr -d '\r' >"$work/console"
status=${PIPESTATUS[0]}

relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "7 plans, $planned points" "every part of it was gone through"
done_testing
