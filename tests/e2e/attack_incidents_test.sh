#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node that sends incidents which cost a collector most: tests/e2e/attacker.c. Others are
# served meanwhile, theirs are kept, and memory and disk are bounded.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/attack.sh

# of NODE: how many incidents of it are kept; its id begins so.
of() { curl -fs "http://$http/api/v1/incidents" | jq --arg node "$1" '[.incidents[] | select(.node_id | startswith($node))] | length'; }
has() { [ "$(of "$1")" = "$2" ]; }
kib() { du -sk "$work/data/incidents" | cut -f 1; }

collector_start --unsealed
stay_cold
"$B/tests/e2e/attacker" incident "$feed" >/dev/null
check "a node's incident is kept" wait_for 60 has 69696969 1
attack "a piece again and again" pieces 500
check "a piece again and again: it is there once ($(kib) KiB)" [ "$(kib)" -lt 2048 ]
attack "incidents without end" incidents 20
check "incidents without end: who sent them is told" grep -q "node 6b6b6b6b-.* dropped (budget)" "$work/collector.log"
is "$(grep -c 'dropped (budget)' "$work/collector.log")" 1 "incidents without end: once"
check "incidents without end: it is the node's loss" api losses '.nodes[] | select(.id | startswith("6b6b6b6b")) | .loss.budget > 0'

"$B/tests/e2e/attacker" magic "$feed" >/dev/null
check "a frame at each twelfth byte: it is listed" wait_for 60 has 6d6d6d6d 1
"$B/tests/e2e/attacker" wide "$feed" 40000 >/dev/null
check "each CPU once: it is listed" wait_for 60 has 77777777 1
id=$(curl -s "http://$http/api/v1/incidents" | jq -r '.incidents[] | select(.node_id | startswith("77777777")).id')
for form in '' .csv /recording; do
	is "$(curl -s -m 60 -o "$work/form" -w '%{http_code}' "http://$http/api/v1/incidents/$id$form")" 200 "each CPU once: it is shown$form"
	# Twice as many values as there are, as text; the file has 1.4 MB.
	check "each CPU once: that is not much ($(wc -c <"$work/form"))" [ "$(wc -c <"$work/form")" -lt 20000000 ]
done
check "memory was at most $((most_kb / 1024)) MiB ($(($(memory_kb VmHWM) / 1024)) MiB)" [ "$(memory_kb VmHWM)" -le $most_kb ]
check "and the other node's is still there" has 69696969 1
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
done_testing
