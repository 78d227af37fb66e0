#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The netlink family in a guest with Debian's kernel: its commands by client and
# by raw bytes, agreement with rings and /proc, unloading, the specification.
# FUZZ_COUNT random requests.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/netlink.sh

guest "2 CPUs" -c 2,maxcpus=8 -t 400 -- policy raw client nested agree:10 \
	unload:/ktach:20 "fuzz:${FUZZ_COUNT:-50000}"

# --- the specification ------------------------------------------------------
spec() {
	python3 tests/selftests/netlink_spec.py docs/netlink/ktach.yaml "$@"
}

if ! python3 -c 'import yaml, jsonschema' 2>/dev/null; then
	skip "the specification of the family" "python3-yaml or python3-jsonschema is not here"
	done_testing
fi
differs=$(spec policy "$work/console")
is "$differs" "" "docs/netlink/ktach.yaml says of requests what the kernel says"
spec header >"$work/spec.c"
check "and has the numbers of the header" ${CC:-cc} -std=gnu11 -Iinclude/uapi -fsyntax-only "$work/spec.c"
if schema=$(scripts/netlink_schema.sh); then
	differs=$(spec schema "$schema")
	is "$differs" "" "and is what the kernel's schema takes"
else
	skip "and is what the kernel's schema takes" "linux-source cannot be had"
fi
done_testing
