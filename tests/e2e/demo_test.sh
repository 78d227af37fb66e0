#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo prints live figures, and Ctrl-C leaves nothing behind.
# Runs alone: what is left is looked for on the whole host.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
export B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the demo may have left: processes, TC, BPF, files.
left() {
	pgrep -f "$B/ktach-(shipper|collector)" | wc -l
	tc qdisc show
	[ "$(id -u)" -eq 0 ] && { bpftool -j prog list; bpftool -j link list; bpftool -j map list; } |
		jq -c '.[] | [.name, .type, .ifindex]' | sort
	find /tmp -maxdepth 1 -name 'ktach-demo.*'
	ls /sys/fs/bpf 2>/dev/null
}

left >"$work/before"
# As a terminal does it: a process group of its own, and SIGINT to all of it.
setsid env --default-signal=INT bash scripts/demo.sh >"$work/demo.log" 2>&1 &
demo=$!
for _ in $(seq 150); do
	[ "$(grep -c 'busy' "$work/demo.log")" -ge 3 ] && break
	sleep 0.1
done
check "the demo prints the page's address" grep -q 'http://127.0.0.1:[0-9]*/' "$work/demo.log"
check "and a line of figures a second" test "$(grep -c 'busy' "$work/demo.log")" -ge 3
kill -INT -- "-$demo"
wait $demo
is $? 0 "Ctrl-C ends it"
# The kernel frees BPF programs a little later.
is_as_before() {
	left >"$work/after"
	diff "$work/before" "$work/after" >"$work/diff"
}
check "no process, qdisc, BPF program, map, link or file is left" wait_for 60 is_as_before
sed 's/^/# /' "$work/diff" "$work/demo.log"

# The same with its output in a pipe, whose reader Ctrl-C ends, too.
setsid env --default-signal=INT bash -c 'bash scripts/demo.sh 2>&1 | tee "$1"' - "$work/pipe.log" >/dev/null &
demo=$!
for _ in $(seq 150); do
	grep -q 'busy' "$work/pipe.log" 2>/dev/null && break
	sleep 0.1
done
kill -INT -- "-$demo"
wait $demo
check "nor in a pipe whose reader goes first" wait_for 60 is_as_before
sed 's/^/# /' "$work/diff"
done_testing
