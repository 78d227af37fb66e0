#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every file that a collector of host/ reads goes wrong in every way (faulty.c),
# on the trees where they differ: what is told stays right or is left out, under
# ASan and UBSan.
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
faulty=${B:-build}/tests/host/faulty
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export UBSAN_OPTIONS=print_stacktrace=1

# Which collectors; what links, the clock and latencies tell is in no file, but in messages
# of netlink, in a system call and in BPF's maps.
collectors() {
	# Control groups take 9 s there, and are in the next tree, too.
	case $1${LONG:+-long} in
	storage) "$faulty" | grep -vx 'link\|own\|timex\|latency\|cgroup\|part' ;;
	storage-long) "$faulty" | grep -vx 'link\|own\|timex\|latency\|part' ;;
	arm*) echo facts core disk sensor cgroup ;;
	# Its 300 interfaces take a minute.
	containers*) echo disk mount ${LONG:+facts} ;;
	# Of its 141 sensors one whose label cannot be read goes by its number, as it should.
	server*) echo system disk mount ;;
	esac
}

# The groups of parts of a tree that have files there, each by itself, so that not all of
# them are read for each fault.
groups() {
	[ "$1${LONG:+-long}" = storage-long ] || return
	sed -n 's/^GROUP(\([a-z]*\),.*/\1/p' tables/parts.def | grep -vx 'neighbour\|qdisc\|tcp\|ethtool\|update\|pps'
}

try() {
	"$faulty" "$work/$tree" "$1" >"$work/out" 2>"$work/err"
	ok $? "$2 of $tree: $(tail -n 1 "$work/out")" "$work/err"
	grep '^#' "$work/out" | head -20
	grep -A 20 -E 'ERROR|runtime error' "$work/err" | head -30 | sed 's/^/# /'
}

for tree in storage arm containers server; do
	bash tests/host/trees.sh $tree "$work/$tree"
	for collector in $(collectors $tree); do
		try "$collector" "$collector"
	done
	for group in $(groups $tree); do
		PARTS=$group try part "part $group"
	done
done
done_testing
