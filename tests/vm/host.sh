#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot Debian's kernel in a guest and go through the tests of host/'s interfaces
# and processes there: rtnetlink, and a BPF program that reads the kernel's own
# structures; read sensors of real drivers, on a bus whose chips are memory (i2c-stub),
# beside sensors(1); and how long tasks wait, beside what the scheduler counts. From the
# environment:
#   GUEST_KERNEL   another kernel, as kernel.sh has it: "trixie-backports amd64"
#   GUEST_LIMIT    how many seconds it may take, in place of 580
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
tests="host_process_live_test host_link_test"

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
for tool in bash ip sensors jq; do
	path=$(type -P $tool) || skip_all "$tool is not installed"
	arguments+=(-p "$path")
done
# shellcheck disable=SC2086
kernel=$(tests/vm/kernel.sh ${GUEST_KERNEL:-}) || skip_all "Debian's kernel cannot be had"
eval "$kernel"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tests/vm/host_guest.sh "$work/run"
cp tests/vm/sensors_guest.sh "$work/sensors"
cp tests/vm/latency_guest.sh "$work/latency"
for name in $tests; do
	arguments+=(-p "$B/tests/unit/$name")
done
check "the guest's files are packed for $KVER" tests/vm/initrd.sh "$work/initrd" -m "$MODULES_DIR" "$KVER" veth,bridge,i2c-dev,lm75,jc42,lm90,i2c-stub \
	-p "$B/tests/vm/vmexit" -p "$B/bin/ktach" "${arguments[@]}" \
	-f "$work/run" -f "$work/sensors" -f "$work/latency" -f tests/tap.sh -f /etc/sensors3.conf
# shellcheck disable=SC2086
tests/vm/run.sh -s -c 2 -M 2G -t "${GUEST_LIMIT:-580}" -a "${tests// /,}" "$KERNEL_IMAGE" \
	"$work/initrd" | tr -d '\r' >"$work/console"
status=${PIPESTATUS[0]}
relay "$work/console"
is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
is "$plans plans, $points points" "4 plans, $planned points" "every part of it was gone through"
done_testing
