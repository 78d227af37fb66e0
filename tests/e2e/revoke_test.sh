#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node's key is revoked while it sends, by TCP and by UDP: within seconds, without
# a restart, for that node and that key only.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

"$B/ktach-collector" key --out "$work/fleet.key" 2>/dev/null
mkdir "$work/keys"
cp "$work/fleet.key" "$work/keys/"
collector_start --keys "$work/keys"
node() { echo "0000000$1-1234-4234-8234-123456789abc"; }
ship() {
	mkdir -p "$work/state$1"
	node "$1" >"$work/state$1/node-id"
	[ -f "$work/node$1.key" ] ||
		"$B/ktach-collector" key --fleet "$work/fleet.key" --node "$(node "$1")" --out "$work/node$1.key" 2>/dev/null
	background "shipper$1" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state$1" --no-net \
		--transport "$2" --key "$work/node$1.key" --name "node$1" --interval 100ms --pins "$pins"
}
revoke() { "$B/ktach-collector" key --data "$work/data" "$@"; }
state_is() { api "nodes/$(node "$1")" ".state == \"$2\""; }
silent() { api "nodes/$(node "$1")" '.state != "fresh"'; }
received() { api "nodes/$(node "$1")" | jq .received; }
more_than() { [ "$(received "$1")" -gt "$2" ]; }
dropped() { api health ".dropped.revoked > 0"; }

ship 1 tcp
ship 2 udp
ship 3 tcp
for n in 1 2 3; do check "node $n is there" wait_for 10 state_is $n fresh; done
check "two keys are revoked" eval "revoke --revoke $(node 1) && revoke --revoke $(node 2)"
check "connections of the one end" wait_for 5 api health '.refused.feed.revoked + .dropped.revoked > 0'
for n in 1 2; do check "node $n is silent" wait_for 15 silent $n; done
was1=$(received 1) was2=$(received 2) was3=$(received 3)
check "node 3 sends on" wait_for 10 more_than 3 "$((was3 + 3))"
is "$(received 1) $(received 2)" "$was1 $was2" "nothing is taken of the others"
check "it is counted" dropped
check "the shipper is told why" grep -q "does not know the key [0-9a-f]* of this node" "$work/shipper1"
check "the log says so, and of whom" grep -q 'of node 0000000[12]-.*: its key is revoked: .* dropped (revoked)' "$work/collector.log"

check "both are taken again" eval "revoke --restore $(node 1) && revoke --restore $(node 2)"
check "node 2 is back" wait_for 40 state_is 2 fresh
[ -z "${LONG:-}" ] || check "node 1, too, when it tries next" wait_for 60 state_is 1 fresh

# Only one key: the node goes on with another, once it has given up what is sealed with the old one.
old=$(awk '/^ktach-key/ { print $4 }' "$work/node3.key")
check "one key of a node is revoked" revoke --revoke "$(node 3)" --id "$old"
check "it is silent" wait_for 15 silent 3
"$B/ktach-collector" key --node "$(node 3)" --out "$work/keys/other.key" 2>/dev/null
cp "$work/keys/other.key" "$work/node3.key"
kill -HUP "$collector"
kill -HUP "${pids[-1]}"
[ -z "${LONG:-}" ] || check "with another key it is back" wait_for 90 state_is 3 fresh

cp "$work/data/revoked-keys" "$work/list"
echo "$(node 2) 12" >>"$work/data/revoked-keys"
kept() { grep -q 'revoked-keys:[0-9]*: expected the id of a node.*' "$work/collector.log" && grep -q 'keys stay revoked as before' "$work/collector.log"; }
check "a line that is none is named, and the list stays as it was" wait_for 20 kept
cp "$work/list" "$work/data/revoked-keys"

kill "$collector"
wait "$collector"
check "the list outlives the collector" grep -q "^$(node 3) $old" "$work/data/revoked-keys"
mv "$work/data/revoked-keys" "$work/list"
mkdir "$work/data/revoked-keys"
timeout 20 "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" --keys "$work/keys" >"$work/said" 2>&1
is "$? $(grep -c 'correct the list of revoked keys' "$work/said")" "1 1" "without the list, which can't be read, no collector starts"
refused 1 "no node" "--revoke 'x'" "$B/ktach-collector" key --data "$work/data" --revoke x
refused 1 "no key's id" "--id '12'" "$B/ktach-collector" key --data "$work/data" --revoke "$(node 1)" --id 12
refused 1 "no folder" "--data names the collector's folder" \
	"$B/ktach-collector" key --data "$work/none" --revoke "$(node 1)"
done_testing
