#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Snapshots of nodes without a shipper: POST /metrics/node.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# post NAME [CURL...]: the status of a snapshot of a node.
post() {
	local name=$1
	shift
	curl -s -m 30 -o "$work/body" -w '%{http_code}' -d "{\"node_name\": \"$name\", \"load\": {\"load_1min\": 2}}" "$@" "http://$http/metrics/node"
}
stop() {
	kill "$collector"
	wait "$collector"
}

collector_start
check "snapshots were posted" into "$work/points" python3 tests/e2e/posted.py docs/openapi.yaml "http://$http"
points "$work/points"
is "$(post nas1 -H 'Origin: http://evil.example')" 403 "not by a page of another site"
stop

# The node goes on after a restart: with its past, in a session of its own.
collector_start
check "a restart keeps the node, and where it is from" api nodes '.nodes | map([.name, .origin]) == [["nas1", "posted"]]'
is "$(post nas1)" 200 "its next snapshot is taken"
check "it is fresh again" wait_for 30 api nodes '.nodes[0] | .state == "fresh" and .load_1min == 2'
check "as the same node" api nodes '.nodes | length == 1'
stop

"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
mkdir "$work/keys"
"$B/ktach-collector" key --out "$work/keys/fleet.key" 2>/dev/null
collector_start --keys "$work/keys"
is "$(post nas2)" 403 "where frames are sealed nobody posts without a token"
stop
collector_start --keys "$work/keys" --login "$work/login.key"
token() { "$B/ktach-collector" token --key "$work/login.key" "$@"; }
is "$(post nas2)" 401 "without a token nothing is taken"
is "$(post nas2 -H "Authorization: Bearer $(token --role send --name nas3)")" 403 "nor by that of another node"
check "the answer names the member" jq -e '.error | startswith("node_name:")' "$work/body"
is "$(post nas2 -H "Authorization: Bearer $(token --role admin --name nas2)")" 403 "nor by one of another role"
is "$(post nas2 -H "Authorization: Bearer $(token --role send --name nas2)")" 200 "that of the node tells of it"
looks=$(token --role view --name eve)
check "the others have told nothing" jq -e '.nodes | map(.name) | sort == ["nas1", "nas2"]' \
	<(curl -s -H "Authorization: Bearer $looks" "http://$http/api/v1/nodes")
done_testing
