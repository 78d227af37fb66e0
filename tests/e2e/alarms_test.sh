#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Alarms by the rules that ktach comes with, but for their times: of situations that are
# real (a full tmpfs, a shipper that was killed); in API, /metrics and log; rules that are
# wrong; SIGHUP.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare -m "$0" 2>/dev/null || skip_all "no mounts of our own: run as root"
. tests/e2e/collector.sh

mkdir "$work/rules"
full=/dev/shm
mount -t tmpfs -o size=1m tmpfs $full || skip_all "no tmpfs can be mounted"
# quick FILE: those rules, without their patience.
quick() { "$B/ktach-collector" rules | sed 's/^for = .*/for = 1s/; s/^silent = .*/silent = 3s/' >"$1"; }
quick "$work/rules/all.rules"

# ship NAME
ship() {
	background "$1.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name "$1" --no-net \
		--state "$work/state-$1" --mount-interval 1s --memory-interval 1s
	shipper=$!
}
alert() { api "alerts?past=100" ".$1 | any(.name == \"$2\" and .rule == \"$3\" and (.row | endswith(\"$4\")))"; }
no_alert() { ! alert "$@" >/dev/null; }
metric() { curl -fs "http://$http/metrics" | grep -E "^ktach_alert_firing.*$1.* 1$"; }

collector_start --rules "$work/rules"
ship host
check "a node that is well" wait_for 20 api nodes '.nodes[0] | .health.state != null and .state == "fresh"'
dd if=/dev/zero of=$full/half bs=1k count=500 2>/dev/null
check "that is half full" wait_for 30 api nodes/host ".mount.mounts[] | select(.point == \"$full\") | .used > 0.4"
check "it has no alarm of it" no_alert firing host mount-full $full
dd if=/dev/zero of=$full/rest bs=1k count=520 2>/dev/null
check "a mount that is full fires" wait_for 30 alert firing host mount-full $full
check "it says how full, why that matters, and what to do" api alerts '.firing[] | select(.rule == "mount-full" and .row == "/dev/shm") |
	.severity == "critical" and (.text | test("^/dev/shm is (99|100)\\.[0-9] % full$")) and .value > 0.95 and .limit == 0.95
	and (.why | length > 0) and (.look | length > 0) and .cleared_ns == null'
check "the node is critical" api nodes '.nodes[0].health | .state == "critical" and .score <= 60 and .alarms >= 1'
check "the node's own answer has it, too" api nodes/host '.alarms | any(.rule == "mount-full")'
check "so has /metrics" metric 'mount-full.*row="/dev/shm"'
check "and the log, once" test "$(grep -c "alarm, critical: node host: $full is" "$work/collector.log")" = 1
rm $full/rest
check "it is over when there is room" wait_for 30 alert past host mount-full $full
check "and does not fire any more" no_alert firing host mount-full $full

# --- silence
kill -9 "$shipper"
wait "$shipper" 2>/dev/null
check "a shipper that was killed" wait_for 30 alert firing host node-silent ""
ship host
check "until it is back" wait_for 30 alert past host node-silent ""
kill "$shipper"
wait "$shipper"
check "one that ended said so" wait_for 20 api nodes '.nodes[0] | .state == "ended" and .health.state == "unknown"'
sleep 4
check "and is no alarm" no_alert firing host node-silent ""

# --- rules
check "the rules in force" api rules '.rules | length > 20 and all(.origin | test("all.rules:[0-9]+$"))'
printf '[ours]\nmetric = load_1min\nabove = -1\ntext = load {value}\n[no-data]\nmetric = mount.used\nrows = /nowhere\nabsent = 1s\ntext = no /nowhere for {value}\n[half]\nmetric = load_1min\nabove = -1\nshare = 50 %%\ntext = {value} of the nodes\n[broken]\nmetric = load_1min\n' >"$work/rules/ours.rules"
kill -HUP "$collector"
check "wrong rules are named, with file, line and what is missing" wait_for 20 grep -q "ours.rules:16: \[broken\]: above or below is missing" "$work/collector.log"
check "and change nothing" api rules '.rules | length > 20 and all(.name != "ours")'
check "ktach-collector rules --check says the same" \
	told "ours.rules:16: .*above or below is missing" "$B/ktach-collector" rules --check "$work/rules"
echo "rules = $work/rules" >"$work/collector.conf"
check "so does --check-config" told "ours.rules:16" "$B/ktach-collector" --check-config --config "$work/collector.conf"
sed -i '/broken/,$d' "$work/rules/ours.rules"
kill -HUP "$collector"
check "good ones are in force" wait_for 20 api rules '.rules | any(.name == "ours")'
ship other
check "for each node" wait_for 30 alert firing other ours ""
check "also of what is not there" wait_for 60 api alerts '.firing | any(.name == "other" and .rule == "no-data" and (.text | test("^no /nowhere for [0-9.]+ s$")))'
check "and of most nodes, once" wait_for 60 api alerts '.firing | map(select(.rule == "half")) | length == 1 and .[0].name == "fleet" and .[0].text == "100.0 % of the nodes"'
check "which can be asked for" api alerts?node=fleet '.firing | length == 1 and .[0].rule == "half"'
check "which /metrics has" metric 'instance="fleet".*rule="half"'
check "and somebody takes note of" test "$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://$http/api/v1/alerts?id=$(api alerts | jq '.firing[] | select(.rule == "half") | .id')")" = 200
check "as others see" api alerts '.firing[] | select(.rule == "half") | .acknowledged_ns > 0'
rm "$work/rules/ours.rules"
kill -HUP "$collector"
check "an alarm ends with its rule" wait_for 20 alert past other ours ""
check "that of the fleet, too" wait_for 20 alert past fleet half ""
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
echo '[broken]' >"$work/rules/ours.rules"
echo 'metrik = x' >>"$work/rules/ours.rules"
check "a collector does not start without its rules" told "ours.rules:2: metrik: no such key" \
	timeout 20 "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" --rules "$work/rules"
done_testing
