#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On this kernel, whatever it is: the shipper has BPF fill its rings, or says why it cannot
# and reads /proc. What the rings hold is looked at in guests (tests/vm/rings.sh).
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
pins=/sys/fs/bpf/ktach-rings-$$

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ ! -e /dev/cpu_stat_monitor ] || skip_all "the modules are loaded"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# says TEXT [OPTION]...: what the shipper says of its origins, within some seconds.
says() {
	local text=$1 shipper
	shift
	"$@" "$B/ktach-shipper" --collector 127.0.0.1:9 --unsealed --state "$tmp" --pins "$pins" \
		--include none ${options:+$options} >"$tmp/log" 2>&1 &
	shipper=$!
	check "the shipper says: $text" wait_for 10 grep -q "cpu times from $text" "$tmp/log"
	check "of softirqs, too" wait_for 10 grep -q "softirqs from $text" "$tmp/log"
	kill $shipper
	wait $shipper
}

# As lib/kernel/ and the kernel have it: typed symbols are found among all symbols.
if [ ! -e /sys/kernel/btf/vmlinux ]; then
	says "/proc: .*; no ring by BPF: this kernel has no BTF"
elif ! grep -q ' kernel_cpustat$' /proc/kallsyms; then
	says "/proc: .*; no ring by BPF: this kernel does not tell where its variables are (CONFIG_KALLSYMS_ALL)"
	check "nothing of them is left among the pins" test ! -e "$pins/cpustat"
else
	says "BPF's ring: no /dev/"
	check "they stay when it ends" test -e "$pins/cpustat/ring"
fi
options="--ring-no-bpf yes"
says "/proc: .*; BPF is not wanted"
options=''
says "/proc: .*; no ring by BPF: no right to make" setpriv --inh-caps -all --bounding-set -all --reuid 65534 --clear-groups
"$B/ktach-shipper" --detach --pins "$pins"
check "--detach removes all of it" test ! -e "$pins"
done_testing
