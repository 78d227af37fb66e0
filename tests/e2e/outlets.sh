# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of who is told of alarms: source this after tests/e2e/collector.sh.

# fire NAME [GLOB]: a rule of that name holds, of node-00001, or of those nodes.
fire() {
	printf '[%s]\nmetric = cpu.busy\nover = nodes\nabove = -1\nnodes = %s\ntext = %s of {node}\nwhy = It is planted.\n' \
		"$1" "${2:-node-00001}" "$1" >"$work/rules/$1.rules"
	kill -HUP "$collector"
}

# over NAME: it does not any more.
over() {
	rm "$work/rules/$1.rules"
	kill -HUP "$collector"
}

# fleet NODES: they send a frame a second.
fleet() {
	background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" "$1" 1 1000 1000
	sender=$!
}

# outlet NAME OUTLET: a figure of it in /metrics.
outlet() { curl -fs "http://$http/metrics" | sed -n "s/^ktach_outlet_$1{outlet=\"$2\"} //p"; }
outlet_has() { test "$(printf '%.0f' "$(outlet "$1" "$2")")" "$3" "$4"; }

hook_start() {
	head -c 24 /dev/urandom | base64 >"$work/key"
	chmod 600 "$work/key"
	: >"$work/events"
	: >"$work/messages"
	mode good
	background hook.log python3 tests/e2e/webhook.py "$work"
	check "a webhook listens" wait_for 60 test -f "$work/port"
	hook=http://127.0.0.1:$(cat "$work/port")/alarms
}
mode() { echo "$1" >"$work/mode.new" && mv "$work/mode.new" "$work/mode"; }

# events NAME EVENT: how often that came of that rule; keys: the different keys of these.
events() { jq -s "map(select(.rule == \"$1\" and .event == \"$2\")) | length" "$work/events"; }
keys() { jq -s "map(select(.rule == \"$1\" and .event == \"$2\").key) | unique | length" "$work/events"; }
came() { [ "$(events "$1" "$2")" = "$3" ]; }
# messages MODE: that came while it was in that mode.
messages() { grep -c "^$1 " "$work/messages"; }
