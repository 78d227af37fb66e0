#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The netlink family in guests with Debian's kernel, or GUEST_KERNEL as in
# ring_test.sh: its commands by client and by raw bytes, agreement with rings and
# /proc, unloading, the specification. FUZZ_COUNT random requests. LONG=1 adds
# guests of 255 possible CPUs, and a crowd of subscribers on a CPU whose clock is
# undisturbed.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
programs="policy raw client nested agree unload fuzz crowd"

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
# shellcheck disable=SC2086
kernel=$(tests/vm/kernel.sh ${GUEST_KERNEL:-}) || skip_all "Debian's kernel cannot be had"
. tests/vm/modules.sh
# shellcheck disable=SC2086
pack_modules tests/vm/netlink_guest.sh "$(printf 'netlink_%s ' $programs)"

# guest TITLE OPTION... -- TEST...: boot, and run these.
guest() {
	local title=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	boot_modules "${options[@]}" -a "$(IFS=,; echo "$*")"
	relay "$work/console" "$title: "
	is "$status" 0 "$title: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plans, $points points" "$(($# + 1)) plans, $planned points" "$title: every part of it was gone through"
}

guest "2 CPUs" -c 2,maxcpus=8 -t 400 -- policy raw client nested agree:10 \
	unload:/ktach:20 "fuzz:${FUZZ_COUNT:-50000}"
cp "$work/console" "$work/two"
if [ -n "${LONG:-}" ]; then
	guest "255 possible CPUs" -c 4,maxcpus=255 -t 300 -- client nested raw
	guest "a crowd" -i -c 1 -t 300 -- crowd:5
fi

# --- the specification ------------------------------------------------------
spec() {
	python3 tests/selftests/netlink_spec.py docs/netlink/ktach.yaml "$@"
}

if ! python3 -c 'import yaml, jsonschema' 2>/dev/null; then
	skip "the specification of the family" "python3-yaml or python3-jsonschema is not here"
	done_testing
fi
differs=$(spec policy "$work/two")
is "$differs" "" "docs/netlink/ktach.yaml says of requests what the kernel says"
spec header >"$work/spec.c" && ${CC:-cc} -std=gnu11 -Iinclude/uapi -fsyntax-only "$work/spec.c"
ok $? "and has the numbers of the header"
if schema=$(scripts/netlink_schema.sh); then
	differs=$(spec schema "$schema")
	is "$differs" "" "and is what the kernel's schema takes"
else
	skip "and is what the kernel's schema takes" "linux-source cannot be had"
fi
done_testing
