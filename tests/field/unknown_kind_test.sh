#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames of kinds that a later version may send: either side passes over them,
# whatever their size and flags, counts them, and goes on with the connection. An
# unknown reason to refuse frames is a reason, too.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

collector_start
background tomorrow.log python3 -u tests/field/tomorrow.py 0 "$feed"
tomorrow=$!
check "somebody of tomorrow listens" wait_for 10 grep -q '^port ' "$work/tomorrow.log"
port=$(sed -n 's/^port //p' "$work/tomorrow.log")
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$port" --transport tcp --state "$work/state" \
	--no-net --interval 20ms --ship 100ms --name node
check "unknown kinds go to the shipper" wait_for 60 grep -q '^sent 7 to the shipper' "$work/tomorrow.log"
check "and to the collector" wait_for 10 grep -q '^sent 7 to the collector' "$work/tomorrow.log"
check "the collector counts them" wait_for 10 api nodes '.dropped.kind == 7'
check "the shipper counts them, and says so" wait_for 10 api nodes/node '.loss.unknown_answers == 7'
received=$(api nodes/node | jq .received)
check "frames go on" wait_for 10 api nodes/node ".received > $received + 20 and .loss.lost == 0"
is "$(grep -c '^connection' "$work/tomorrow.log")" 1 "over the one connection"
is "$(grep -c 'no ktach collector' "$work/shipper.log")" 0 "the collector is known for one"
kill -USR1 "$tomorrow"
check "a refusal for an unknown reason is one" wait_for 10 grep -q 'it refuses frames; frames wait' "$work/shipper.log"
done_testing
