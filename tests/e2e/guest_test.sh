#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# End to end: Debian's kernel in a guest with the modules and the shipper feeds
# a collector on this host. What the guest's /proc said before and after must
# bound each value that arrived in SQLite in between.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
. tests/e2e/collector.sh

collector_start
# The API is asked while the shipper reads the ring, and after that.
(
	for _ in $(seq 240); do
		sleep 0.5
		api nodes/guest >"$work/api.new" || continue
		jq -e '.cpu.origin == "ring" and .cpu.sample > 4' "$work/api.new" >/dev/null || continue
		mv "$work/api.new" "$work/api.json"
		break
	done
) &
asker=$!
tests/vm/shipper.sh "$feed" guest -t 180 -s tests/e2e/guest_commands.sh >"$work/console" 2>"$work/guest.err"
is $? 0 "the guest ran, and its kernel has nothing to complain of"
wait $asker
sed 's/^/# /' "$work/console" | grep -v '# @'
grep -q '^not ok' "$work/console"
is $? 1 "the module is unloaded while the shipper reads its ring"
grep 'not ok' "$work/console"

check "the API shows the guest's CPUs and softirqs from the rings, and its interface" \
	jq -e '.name == "guest" and (.cpu.cpus | length) == 2 and .cpu.cpus[0].user_ns > 0 and
	.softirq.origin == "ring" and (.net.interfaces | length) >= 1' "$work/api.json"
check "no frame was lost on the way" api nodes '[.nodes[] | select(.name == "guest" and .lost == 0)] | length == 1'
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"

# What the guest's own /proc said bounds every value that was stored.
while IFS='|' read -r status text note; do
	ok "$status" "$text"
	[ "$status" -eq 0 ] || echo "# $note"
done < <(python3 tests/e2e/guest_bounds.py "$work/console" "$(history_rows "$work/data")")
is "$tap_count" 16 "every point was looked at"
done_testing
