#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ktach on the modules, in guests with Debian's kernel (or GUEST_KERNEL, as in
# ring_test.sh): netlink, rings and /proc tell the same; modules come and go.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/vm/modules.sh
# What the terminal "linux" can do is packed like a program, as /bin/linux.
pack_modules tests/vm/inspector_guest.sh "" "$B/bin/ktach" "$(command -v script)" \
	/lib/terminfo/l/linux

# guest TITLE OPTION...: boot; its points are ours, what it says is kept.
guest() {
	local title=$1
	shift
	boot_modules -s -t 200 "$@"
	grep '^@' "$work/console" >"$work/said"
	grep -v '^@' "$work/console" >"$work/points"
	relay "$work/points" "$title: "
	is "$status" 0 "$title: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plan, $points points" "1 plan, $planned points" "$title: every part of it was gone through"
}

# said NAME: the answers of that name, a line each.
said() {
	sed -n "s/^@$1 //p" "$work/said"
}

# holds NAME TEXT JQ: does it hold for all answers of that name together?
holds() {
	said "$1" | jq -se "$3" >/dev/null
	local status=$?
	ok $status "$2"
	[ $status -eq 0 ] || said "$1" | jq -c '.cpu | del(.cpus)' | sed 's/^/# /'
}

# documented NAME: its answers are as ktach(1) says.
documented() {
	local faults
	faults=$(said "$1" | python3 tests/e2e/inspector.py "$2" 2>&1)
	is "$faults" "" "$1: as documented"
}

guest "2 CPUs" -c 2
for name in best proc ring netlink replay; do
	documented $name figures
done
documented watch figures:cpu
documented sources sources
holds best "the best there is, is netlink" '.[0] | .cpu.origin == "netlink" and .softirq.origin == "netlink"'
for name in proc ring netlink; do
	holds $name "$name: is what was asked" \
		".[0] | .cpu.origin == \"$name\" and .softirq.origin == \"$name\" and .cpu.interval_ns > 0"
	holds $name "$name: the loaded CPU is busier than the other" \
		'.[0].cpu.cpus | .[0].busy > 0.95 and .[1].busy < .[0].busy'
done
holds netlink "netlink: load and memory are the kernel's, too" \
	'.[0] | .load.origin == "netlink" and .memory.origin == "netlink" and .load.load_1min > 0 and
	.memory.total_bytes > .memory.available_bytes and .memory.available_bytes > 0'
# The three begin and end when the guest lets them, so only what goes on all the
# time is the same: CPU 0's loop. netlink_agree compares the rest, sample by sample.
for name in proc ring; do
	differ=$( (said netlink; said $name) |
		jq -s '.[0].cpu.cpus[0].busy - .[1].cpu.cpus[0].busy | fabs')
	check "netlink and $name agree on how busy the loaded CPU was" test "$(jq -n "$differ < 0.05")" = true
	echo "# they differ by $differ"
done
holds watch "a watcher sees netlink go and /proc stand in, and netlink come back" \
	'[.[].cpu.origin] | .[0] == "netlink" and any(. == "proc") and .[-1] == "netlink"'
# What a counter was before its origin changed is not known.
holds watch "only where the origin changes there are no figures, and nothing is lost" \
	'all(.cpu.lost == 0) and ([.[] | select(.cpu.interval_ns == 0)] | length) <= 2'
holds replay "with exact times, they are told and recorded" \
	'length == 4 and all(.cpu.exact_busy != null and .cpu.cpus[1].exact_busy >= 0)'

holds exact "rings tell exact times, too" \
	'.[0].cpu | .origin == "ring" and .exact_busy > 0.4 and .cpus[0].exact_busy > 0.9 and
	(.cpus[0] | .exact_busy - .busy | fabs) < 0.1'
holds exact "of the ring that has them only" '.[0].softirq | .origin == "ring" and .time_share == null'

guest "255 CPUs" -c 4,maxcpus=255 -a wide
documented wide figures
holds wide "255 CPUs, of which 4 are online" '.[0].cpu | (.cpus | length) == 255 and .online == 4'
done_testing
