#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Broken and slow HTTP and WebSocket clients; FUZZ_S=10 seconds of broken ones.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

collector_start
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 200 4 600 1000
check "200 nodes" wait_for 15 api nodes '.nodes | length == 200'
check "the abuse ran to its end" \
	into "$work/abuse" python3 tests/e2e/http_abuse.py "${http%:*}" "${http##*:}" "$collector" "${FUZZ_S:-10}"
points "$work/abuse"
check "all nodes are there" api nodes '.nodes | length == 200'
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
done_testing
