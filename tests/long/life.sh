# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # for, and from, those who source it
# Source this after tests/e2e/collector.sh: a shipper's whole life, for tools that
# watch its memory.

# life_keys: a fleet's key, and our node's.
life_keys() {
	mkdir -p "$work/state"
	echo 12345678-1234-4234-8234-123456789abc >"$work/state/node-id"
	"$B/ktach-collector" key --out "$work/fleet.key" 2>/dev/null
	"$B/ktach-collector" key --fleet "$work/fleet.key" --node "$(cat "$work/state/node-id")" \
		--out "$work/node.key" 2>/dev/null
}

life_config() {
	printf '[shipper]\ncollector = 127.0.0.1:%s, localhost:%s\ntransport = tcp\nkey = %s\nname = %s\n' \
		"$feed" "$feed" "$work/node.key" "$1"
	printf 'spool = %s\nstate = %s\ninterval = 50ms\nship = 200ms\nqueue = 131072\n' "$work/spool" "$work/state"
}

# life_collector: start it, on the port that the shipper knows.
life_collector() {
	background collector.log "$B/ktach-collector" --listen "127.0.0.1:$feed" --http 127.0.0.1:0 \
		--data "$work/data" --keys "$work/fleet.key"
	collector=$!
	wait_for 240 grep -q 'listening on' "$work/collector.log"
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
}

# Waits are long for a busy machine; the shipper itself may back off for 30 s.
#
# life TEXT COMMAND...: sealed frames by TCP wait in a spool, are taken, the
# collector is killed and comes back, the configuration is read again, a broken one,
# too; then the end. One point for what arrived, one for the exit status.
life() {
	local text=$1 shipper
	shift
	rm -rf "$work/spool" "$work/data"
	life_config before >"$work/conf"
	"$@" --config "$work/conf" 2>"$work/shipper.log" &
	shipper=$!
	pids+=("$shipper")
	wait_for 240 eval '[ "$(cat "$work"/spool/* 2>/dev/null | wc -c)" -gt 30000 ]'
	life_collector
	wait_for 240 api nodes/before '.received > 20'
	kill -9 "$collector"
	wait "$collector" 2>/dev/null
	sleep 1
	life_collector
	life_config after >"$work/conf"
	kill -HUP $shipper
	check "$text: frames arrive, whatever happens to the collector and the configuration" \
		wait_for 240 api nodes/after '.received > 20 and .cpu.share != null'
	echo nonsense >"$work/conf"
	kill -HUP $shipper
	wait_for 240 grep -q 'going on as before' "$work/shipper.log"
	kill $shipper
	wait $shipper
	is $? 0 "$text: it ends cleanly, and nothing is complained of"
	kill "$collector"
	wait "$collector"
}
