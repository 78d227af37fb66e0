#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Alarms by a webhook that fails, hangs, loses answers, is away and comes back, while the
# collector is killed: each arrives, and once by its key. Silenced ones don't. Many
# are few messages. LONG=1 has 10,000, and what takes long.
# Waits mostly
# Time limit: 1200 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/outlets.sh

mkdir "$work/rules"
hook_start
printf '[never]\nmetric = load_1min\nabove = 1000000\ntext = never\n' >"$work/rules/never.rules"
fixed_ports
begin() { collector_start --rules "$work/rules" --webhook "$hook" --webhook-key "$work/key" "${ports[@]}"; }
waits() { outlet_has waiting_alarms webhook "$@"; }
begin
fleet 4
check "4 nodes" wait_for 60 api nodes '.nodes | length == 4'

fire one
check "an alarm is told" wait_for 60 came one fired 1
check "with all that is known of it" jq -se 'map(select(.rule == "one"))[0] | .text == "one of node-00001" and .node == "node-00001"
	and .severity == "warning" and .why == "It is planted." and .fired_ns > 1e18 and .cleared_ns == null' "$work/events"
over one
check "and that it is over" wait_for 60 came one cleared 1
check "by messages that are signed" test "$(grep -vc ' signed$' "$work/messages")" = 0
check "it is known what is said" wait_for 60 outlet_has sent_alarms_total webhook -eq 2

# --- it fails
mode fail
fire two
check "one that fails is tried again" wait_for 60 outlet_has failures_total webhook -ge 2
check "what waits is counted" waits -eq 1
check "health has it" api health '.status == "degraded" and (.reasons | any(test("^webhook: 1 alarms wait .*status 503")))'
check "and the log" wait_for 60 grep -q 'webhook: it answers with status 503' "$work/collector.log"
mode good
check "it is told when it works again" wait_for 90 came two fired 1
check "and health has nothing to say" wait_for 60 api health '.status == "ok"'
check "the log says so" grep -q 'webhook: it takes alarms again' "$work/collector.log"

# --- its answer has no end: what it took is taken
failed=$(outlet failures_total webhook)
mode endless
fire endless
check "one whose answer has no end is told" wait_for 60 outlet_has sent_alarms_total webhook -eq 4
is "$(outlet failures_total webhook) $(events endless fired)" "$failed 1" "once, and that is no failure"
mode good
over endless
check "and that it is over" wait_for 60 came endless cleared 1

# --- the collector is killed
mode fail
fire five
check "one that is on disk, and not told" wait_for 60 waits -eq 1
collector_kill
mode good
begin
check "is told after a kill" wait_for 90 came five fired 1
fire six
check "another one is told" wait_for 60 came six fired 1
collector_kill
begin
check "the nodes are back" wait_for 60 api nodes '.nodes | any(.state == "fresh")'
fire seven
check "the next one, too" wait_for 90 came seven fired 1
is "$(keys five fired) $(keys six fired) $(events two fired)" "1 1 1" "each once by its key"
over five
over six
check "and that they are over" wait_for 60 came six cleared 1
check "of both" wait_for 60 came five cleared 1
is "$(keys two cleared) $(keys seven cleared)" "0 0" "and of no other"

if [ -n "${LONG:-}" ]; then
	# --- it hangs; the alarm is over meanwhile
	mode hang
	fire three
	check "one hangs" wait_for 60 grep -q '^hang ' "$work/messages"
	over three
	check "others are answered" api alerts '.firing | all(.rule != "three")'
	mode good
	check "an alarm that is over is told, too" wait_for 90 came three cleared 1
	is "$(jq -r 'select(.rule == "three").event' "$work/events" | tr '\n' ' ')" "fired cleared " "in that order"

	# --- its answers get lost
	mode lost
	fire four
	check "one loses its answers" wait_for 90 grep -q '"four"' "$work/events"
	twice() { [ "$(events four fired)" -ge 2 ]; }
	check "it is said again" wait_for 90 twice
	mode good
	check "until it is known that it came" wait_for 90 waits -eq 0
	is "$(keys four fired)" 1 "by one key, $(events four fired) times"

	# --- silence
	mode fail
	fire eight
	check "one fires" wait_for 60 api alerts '.firing | any(.rule == "eight")'
	id=$(api alerts | jq '.firing[] | select(.rule == "eight") | .id')
	check "and is silenced" curl -fs -X POST "http://$http/api/v1/alerts?id=$id&action=silence&for=1h"
	over seven
	mode good
	check "what was told before is told to be over" wait_for 90 came seven cleared 1
	# The message may have been under way.
	if [ "$(events eight fired)" = 0 ]; then
		check "it is spoken of again" curl -fs -X POST "http://$http/api/v1/alerts?id=$id&action=silence&for=0s"
	fi
	check "then it is told" wait_for 60 came eight fired 1

	# --- messages may not be large
	mode small
	fire many 'node-*'
	check "messages that are too large get smaller" wait_for 120 came many fired 4
	mode good
	over many
	check "until all are over" wait_for 120 came many cleared 4
	is "$(keys many fired) $(keys many cleared)" "4 4" "each once"
fi

# --- many
kill "$sender"
wait "$sender" 2>/dev/null
count=600
[ -z "${LONG:-}" ] || count=10000
fleet $count
: >"$work/messages"
fire crowd 'node-*'
check "$count alarms at once" wait_for 400 came crowd fired $count
is "$(keys crowd fired)" $count "each once by its key"
check "are $(messages good) messages" test "$(messages good)" -le $((count / 100 + 30))
over crowd
check "and are all over" wait_for 400 came crowd cleared $count
check "nothing waits" wait_for 60 waits -eq 0
check "the file does not grow with them" test "$(stat -c %s "$work/data/alarms.db")" -lt 30000000
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"

# --- options
check "a webhook needs a key" told "webhook and webhook-key: both are needed" "$B/ktach-collector" --check-config --config /dev/null --webhook "$hook"
chmod 644 "$work/key"
check "that others can't read" told "webhook-key: .*others may read it" "$B/ktach-collector" --check-config --config /dev/null --webhook "$hook" --webhook-key "$work/key"
chmod 600 "$work/key"
check "addresses have no passwords" told "webhook: a password does not belong" "$B/ktach-collector" --check-config --config /dev/null --webhook http://me:pw@127.0.0.1/ --webhook-key "$work/key"
check "and are HTTP's" told "alertmanager: 'ftp://x': expected http" "$B/ktach-collector" --check-config --config /dev/null --alertmanager ftp://x
done_testing
