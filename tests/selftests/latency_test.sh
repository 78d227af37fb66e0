#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long things wait in the kernel, by BPF in its tracepoints: requests of a disk that is
# ours alone, counted beside its own statistics; softirqs beside the kernel's; and a task
# that a real-time one keeps from its CPU.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -e /sys/kernel/btf/vmlinux ] || skip_all "this kernel has no BTF"
for tool in losetup jq taskset; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done

work=$(mktemp -d)
truncate -s 64M "$work/disk"
loop=$(losetup -f --show "$work/disk" 2>/dev/null)
[ -n "$loop" ] || { rm -rf "$work"; skip_all "there is no loop device"; }
disk=${loop#/dev/}
trap 'losetup -d "$loop"; rm -rf "$work"' EXIT
cpu=$(taskset -pc $$ | sed 's/.*[ :,-]\([0-9]*\)$/\1/')
mkfifo "$work/begin"

# of WAIT NAME MEMBER: of the answer
of() {
	jq -r --arg wait "$1" --arg name "$2" ".latency.latencies[] | select(.wait == \$wait and .name == \$name).$3" "$work/answer"
}

# requests: that the disk has done, as the kernel counts them.
requests() {
	awk '{ print $1 + $5 + $12 + $16 }' "/sys/block/$disk/stat"
}

# vector FILE NAME: how many have run, of all CPUs.
vector() {
	awk -v name="$2:" '$1 == name { for (i = 2; i <= NF; i++) n += $i; print n }' "$1"
}

# The first reading is that of the beginning: programs run from before it on.
"$B/bin/ktach" show latency --json --interval 10s >"$work/answer" 2>"$work/err" &
ktach=$!
check "programs count" wait_for 5 sh -c 'bpftool prog 2>/dev/null | grep -q ktach_request_ends'
sleep 1
before=$(requests)
taskset -c "$cpu" python3 tests/selftests/latency.py "$work/begin" "$work/before" "$work/after" &
waiter=$!
echo begin >"$work/begin"
dd if="$loop" of=/dev/null bs=4k count=500 iflag=direct status=none
dd if=/dev/zero of="$loop" bs=4k count=300 oflag=direct status=none
wait $waiter
after=$(requests)
wait $ktach
is "$? $(cat "$work/err")" "0 " "they are over, and nobody complains"

is "$(of disk "$disk" waits)" $((after - before)) "each request of the disk is counted: $((after - before))"
check "of which there are 800 or more" test $((after - before)) -ge 800
check "none took no time, and the median is not above the longest" \
	jq -e --arg name "$disk" '.latency.latencies[] | select(.name == $name) | .p50_ns > 0 and .p50_ns <= .p90_ns and .p90_ns <= .p99_ns and .p99_ns <= .max_ns and .sum_ns >= .max_ns' "$work/answer"
check "their mean is their sum by their number" \
	jq -e '.latency.latencies[] | select(.name == "all") | (.mean_ns * .waits_per_s / .sum_ns_per_s - 1) | fabs < 0.01' "$work/answer"
check "a task waited for CPU $cpu for 50 ms or more" test "$(of run_queue "cpu$cpu" max_ns)" -ge 50000000
check "which is among those of all CPUs" test "$(of run_queue all max_ns)" -ge "$(of run_queue "cpu$cpu" max_ns)"
is "$(jq '[.latency.latencies[] | select(.wait == "run_queue" and .name != "all").waits] | add' "$work/answer")" \
	"$(of run_queue all waits)" "CPUs have as many waits as all of them"
check "few waits are missed" jq -e '.latency.latencies[] | select(.name == "all") | .missed < .waits / 10' "$work/answer"
for name in TIMER SCHED RCU; do
	ran=$(($(vector "$work/after" $name) - $(vector "$work/before" $name)))
	check "$name: no fewer than the kernel ran meanwhile, $ran" test $(($(of softirq $name waits) + $(of softirq $name missed))) -ge $ran
done
"$B/bin/ktach" show latency --csv --interval 10ms >"$work/csv" 2>&1
check "the next one begins anew" grep -q run_queue "$work/csv"
# The kernel frees programs some time after their last user, and tests beside this one may
# have them for a moment.
check "nothing runs on" wait_for 60 sh -c '! bpftool prog | grep -q ktach_request_begins'
done_testing
