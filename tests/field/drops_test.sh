#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is not taken is counted by its reason, at its node, too, wherever it is certain
# whose it is: for each reason the counts of all nodes are what health has.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# host WAY LETTER OPTION...: a node of that name sends frames, and ends.
host() { python3 tests/field/node.py "$1" "$feed" --id "$2" --name "$2" --every 0.01 "${@:3}" >/dev/null; }
# side COMMAND...: at the side, and before the next wait for all of them.
sides=()
side() {
	eval "$*" &
	sides+=($!)
}
# counted LETTER REASON N: so does the node, so does /metrics, and no other reason.
counted() {
	check "node $1: $2, $3 times" wait_for 10 api nodes/"$1" --arg r "$2" '.loss |
		.[$r] == '"$3"' and ([.duplicate, .late, .straggler, .clone, .budget, .table, .value, .full, .left] | add) == '"$3"
	check "so says /metrics" grep -q "^ktach_node_dropped_total{instance=\"$1\".*,reason=\"$2\"} $3\$" <(curl -fs "http://$http/metrics")
}

collector_start
side 'host udp a --count 10; host udp a --count 10'
side 'host tcp b --count 10; host tcp b --count 12'
side 'host udp c --count 1; host udp c --first 3000 --count 1; host udp c --first 2 --count 1'
# Who says that it sends once a minute is not taken for silent while the other one starts.
side 'host udp d --session 9 --count 3 --period 60; host udp d --session 3 --count 2'
side 'host udp e --bad value --count 3; host tcp e --bad value --count 3 --session 2'
side 'host udp f --bad table --count 3; host tcp f --bad table --count 3 --session 2'
wait "${sides[@]}"
printf nonsense >/dev/udp/127.0.0.1/"$feed"
counted a duplicate 10
counted b duplicate 10
check "over TCP each is there once" api nodes/b '.received == 12'
counted c late 1
counted d straggler 2
counted e value 6
counted f table 6
check "what is of nobody is counted, too" wait_for 10 api health '.dropped.short == 1'
check "for each reason all nodes' counts are those of health" drops_add_up
check "in the list of nodes, too" [ "$(api nodes | jq -cS .dropped)" = "$(api health | jq -cS .dropped)" ]
stored() { api health '.store.queued == 0'; }
wait_for 10 stored
sleep 0.3 # taken, not committed
wait_for 10 stored
kill "$collector"
wait "$collector"
collector_start
counted e value 6
counted b duplicate 10
host tcp b --count 12
check "what comes again after a restart came twice" wait_for 10 api nodes/b '.loss.duplicate == 22 and .received == 12'
is "$(api health | jq .dropped.duplicate)" 12 "since the start, says health"
done_testing
