#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames that are missing are in the history, by node and minute, and still
# there after a restart: each tenth frame of node 5 is not sent.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# sum NODE CAUSE: of all its minutes.
sum() {
	api "losses/$1?from=-1h&step=1m" | jq "[.steps[].$2] | add // 0"
}

collector_start
"$B/tests/e2e/fleet" 127.0.0.1 "$feed" 10 2 35 50 lossy
check "three frames of a node are missing" \
	wait_for 10 api nodes '.nodes | length == 10 and .[5].lost == 3 and .[9].received == 35'
kill "$collector"
wait "$collector"
is $? 0 "the collector ends"

collector_start
"$B/tests/e2e/fleet" 127.0.0.1 "$feed" 10 2 15 50 lossy
check "and one more after a restart" wait_for 10 api nodes '.nodes | length == 10 and .[5].lost == 4'
is "$(sum node-00005 lost)" 3 "the history has those of before"
is "$(sum node-00005 received)" 32 "with what came beside them"
is "$(sum node-00004 lost)" 0 "the others lost nothing"
kill "$collector"
wait "$collector"

collector_start
"$B/tests/e2e/fleet" 127.0.0.1 "$feed" 10 2 1 50
wait_for 10 api nodes '.nodes | length == 10'
is "$(sum node-00005 lost)" 4 "those of both runs add up, within a minute, too"
check "a longer step sums them up" \
	api 'losses/node-00005?from=-1d&step=1h' '.step_ns == 3600000000000 and ([.steps[].lost] | add) == 4'
check "another hour has none" api 'losses/node-00005?from=-2h&to=-1h' '.steps == []'
done_testing
