#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node is fresh by samples that were taken, from one host: two with one id are
# both named; the one that was refused is let in once the other is silent.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
a=61616161-6161-6161-6161-616161616161 b=62626262-6262-6262-6262-626262626262

# host WAY OPTIONS: sends in the background.
host() { background "host.$#" python3 tests/field/node.py "$1" "$feed" "${@:2}"; }
metric() { curl -fs "http://$http/metrics" | grep -q "$@"; }

collector_start
host udp --id a --name new --boot 2 --session 9 --count 999 --every 0.2 --load 200
new=$!
check "a host is there" wait_for 10 api nodes/$a '.name == "new" and .state == "fresh"'
host udp --id a --name old --session 3 --count 999 --every 0.2 --load 100
host tcp --id b --name second --boot 2 --session 9 --count 999 --every 0.2
second=$!
check "and one that sends over TCP" wait_for 10 api nodes/$b '.name == "second"'
host tcp --id b --name first --session 3 --count 999 --every 0.2
for id in $a $b; do
	check "$id: a second host with its id is counted" \
		wait_for 20 api nodes/$id '.clones == 1 and (.senders | length == 2) and .loss.clone > 0'
	check "with boot id, address and name of both" api nodes/$id '
		(.senders[0] | .taken and .boot_id == "02020202-0202-0202-0202-020202020202") and
		(.senders[1] | .taken == false and .refused > 0 and
		 .boot_id == "01010101-0101-0101-0101-010101010101") and
		all(.senders[]; .address | startswith("127.0.0.1:")) and
		.senders[0].address != .senders[1].address'
	is "$(grep -c "two hosts send as node $id" "$work/collector.log")" 1 "the log says so, once"
done
check "names" api nodes/$a '[.senders[].name] == ["new", "old"]'
check "of those over TCP, too" api nodes/$b '[.senders[].name] == ["second", "first"]'
check "values are the taken one's" api nodes/$a '.state == "fresh" and .gauges.load_1min == 2'
check "/metrics counts it" metric 'ktach_node_clones{instance="new"[^}]*} 1'
check "and names it" metric 'ktach_node_sender{.*boot_id="01010101-0101.*name="old"} 0'
check "the list does" api nodes '[.nodes[].clones] == [1, 1]'
check "frames of clones are counted" api health '.dropped.clone > 1'
check "as all nodes have them" wait_for 10 drops_add_up
for id in $a $b; do
	check "$id: and as its refused senders have" api nodes/$id '.loss.clone == ([.senders[].refused] | add)'
done

kill $new $second
check "once it is silent, the other is let in" \
	wait_for 20 api nodes/$a '.name == "old" and .state == "fresh" and .gauges.load_1min == 1'
check "what was refused of it is lost" wait_for 5 api nodes/$a '.loss | .lost == .straggler + .clone'
check "over TCP, too" wait_for 30 api nodes/$b '.name == "first" and .state == "fresh"'
check "with all its frames" wait_for 5 api nodes/$b '.loss.lost == 0'
done_testing
