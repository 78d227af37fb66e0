#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot Debian's kernel in a guest, go through the tests of the packet counters
# there, and give their points as ours. From the environment:
#   GUEST_KERNEL   another kernel, as kernel.sh has it: "trixie-backports amd64"
#   GUEST_LIMIT    how many seconds each may take, in place of 580
#   GUEST_TESTS    which, in place of "attach_test burst_test"; "test links_test
#                  many_test idle" are the others
# Time limit: 5400 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
tests=${GUEST_TESTS:-attach_test burst_test}
tools="bash ip tc ethtool iperf3 bpftool setpriv tac"
modules=sch_ingress,cls_bpf,cls_u32,act_mirred,veth,8021q,bridge,bonding,vxlan,geneve,ip_gre,ipip

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
for tool in $tools; do
	path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$tool") || skip_all "$tool is not installed"
	arguments+=(-p "$path")
done
# shellcheck disable=SC2086
kernel=$(tests/vm/kernel.sh ${GUEST_KERNEL:-}) || skip_all "Debian's kernel cannot be had"
eval "$kernel"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tests/vm/net_guest.sh "$work/run"
for program in "$B"/tests/selftests/net_*; do
	case $program in *.[od]) ;; *) arguments+=(-p "$program") ;; esac
done
for file in tests/tap.sh tests/selftests/net_*.sh; do
	arguments+=(-f "$file")
done
check "the guest's files are packed for $KVER" tests/vm/initrd.sh "$work/initrd" -m "$MODULES_DIR" "$KVER" $modules \
	-p "$B/tests/vm/vmexit" "${arguments[@]}" -f "$work/run"

# A guest each: none of them waits for the others' limit.
for name in $tests; do
	tests/vm/run.sh -c 2 -M 2G -t "${GUEST_LIMIT:-580}" -a "$name" "$KERNEL_IMAGE" "$work/initrd" |
		sed -u 's/\r$//' >"$work/console"
	status=${PIPESTATUS[0]}
	relay "$work/console" "$name: "
	is "$status" 0 "$name: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plans, $points points" "1 plans, $planned points" "$name: every part of it was gone through"
done
done_testing
