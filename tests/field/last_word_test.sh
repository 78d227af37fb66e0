#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Waits mostly
# A shipper that ends while it waits before the next attempt to connect makes it at
# once: what waits gets to a collector that is there again, and it is said that
# the node ends.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

collector_start --unsealed
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --no-net --name ending --state "$work/state" \
	--flush 20s
shipper=$!
check "the node is fresh" wait_for 10 api nodes/ending '.state == "fresh"'
kill -9 "$collector"
wait "$collector" 2>/dev/null
sleep 8
background again.log "$B/ktach-collector" --listen "127.0.0.1:$feed" --http "$http" --data "$work/data" --unsealed
wait_for 10 grep -q listening "$work/again.log"
kill "$shipper"
wait "$shipper"
is $? 0 "the shipper ends"
check "its frames were taken" api nodes/ending '.loss.lost == 0 and .received > 8'
check "it is known to have ended" api nodes/ending '.state == "ended"'
is "$(grep -c 'are lost' "$work/shipper.log")" 0 "nothing is lost"
done_testing
