#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node whose rows are made to be alarms: 200 new ones a frame, 50 frames a second, whose
# names look like JSON, HTML, templates and terminal commands. Others' alarms are told, those
# of the node are few, and what is told of them is what they are called.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/outlets.sh

mkdir "$work/rules"
printf '[%s]\nmetric = %s\n%s\nabove = %s\ntext = {row} of {node}\nwhy = It is planted.\n\n' \
	boom agent.memory_bytes '' 0.5 load load_1min 'over = nodes' 4 >"$work/rules/a.rules"
hook_start
collector_start --rules "$work/rules" --webhook "$hook" --webhook-key "$work/key"
name='"}],{{evil}}'
background flood.out python3 tests/field/node.py udp "$feed" --id x --name "$name" --flood 200 --every 0.02 --count 250
flood=$!
fires() { api alerts ".firing | any(.rule == \"$1\")"; }
check "its rows are alarms" wait_for 60 fires boom
python3 tests/field/node.py udp "$feed" --id g --name good --load 900 --every 0.5 --count 4 >"$work/good.out"
check "another node's alarm is told meanwhile" wait_for 60 came load fired 1
wait $flood
check "all of them were sent" grep -q sent "$work/flood.out"
# alarms TEST: of those of the node that were told.
alarms() { jq -se --arg name "$name" "map(select(.rule == \"boom\" and .event == \"fired\")) | $1" "$work/events"; }
check "of the node's, some were told" wait_for 60 alarms 'length > 0'
sleep 2
check "256 of 50,000, and no more ($(events boom fired))" alarms 'length <= 256'
check "each is what it is called, and of whom it is" alarms 'all(.node == $name and (.row | test("^[0-9]+-[0-9]+ ")) and .text == .row + " of " + .node)'
check "nothing in them is a control character, or not to be seen" alarms 'all(.row | explode | all(. >= 32 and . != 127 and . != 8238 and . != 8203))'
check "they are few messages ($(wc -l <"$work/messages"))" test "$(wc -l <"$work/messages")" -lt 60
check "which are signed" test "$(grep -vc ' signed$' "$work/messages")" = 0
check "the log has few lines of it" test "$(grep -c evil "$work/collector.log")" -le 13
check "and no control character" test "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f\x7f]' "$work/collector.log")" = 0
check "their series can be read" curl -fs -o "$work/metrics" "http://$http/metrics"
check "each is a line" test "$(grep '^ktach_alert_firing' "$work/metrics" | grep -vcE '^ktach_alert_firing\{([a-z_]+="([^"\\]|\\.)*",?)+\} 1$')" = 0
done_testing
