#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that wait for the next second are not booked as waiting for a disk: not
# in procs_blocked, which iowait and the pressure of I/O are made of. Other
# programs of this machine may be, so there are more of ours than of theirs.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
shippers=8 workers=4

# A call in which each thread of a process sleeps; running threads have none.
calls() {
	cat "/proc/$1"/task/*/syscall 2>/dev/null
}

# booked PID...: threads that wait for completions in io_uring_enter(), 426,
# without the flag 0x80. Its fourth argument is the fifth word.
booked() {
	local pid number flags
	for pid; do
		while read -r number _ _ _ flags _; do
			[ "$number" != 426 ] || echo $((flags & 0x81))
		done < <(calls "$pid")
	done | grep -cx 1
}

# least_blocked: procs_blocked as low as it comes in two seconds.
least_blocked() {
	for _ in $(seq 40); do
		sed -n 's/^procs_blocked //p' /proc/stat
		sleep 0.05
	done | sort -n | head -n 1
}

collector_start --workers $workers
for n in $(seq $shippers); do
	background "shipper.$n.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name "node$n" \
		--state "$work/state$n" --no-net --interval 1h --ship 1h
	all+=($!)
done
# No sample is due for long: all of them wait.
check "all shippers wait" wait_for 20 eval '[ "$(cat "$work"/shipper.*.log | grep -c "sending to")" -eq $shippers ]'
is "$(booked "$collector" "${all[@]}")" 0 "no thread waits in a way that counts as iowait"
check "and their calls are told of" eval '[ "$(calls "$collector" | grep -c "^[0-9]")" -gt $workers ]'
is "$(calls "${all[0]}" | grep -c '^[0-9]')" 1 "a shipper has one"
blocked=$(least_blocked)
check "procs_blocked does not count them ($blocked at least, with $((shippers + workers)) that wait)" \
	test "$blocked" -lt $shippers
done_testing
