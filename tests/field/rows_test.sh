#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node with more rows than one may have takes none of the others', and it is said
# that it is not whole.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

rows=$(((4 << 30) / 8192 / 16))
ulimit -S -v $((4 << 20))
collector_start
ulimit -S -v unlimited
python3 tests/field/node.py udp "$feed" --name many --count 8 --every 0.05 --rows 5000 >/dev/null
check "rows are left out" wait_for 10 api nodes/many '.rows_refused > 0 and .cut'
check "but for so many" api nodes/many ".irq.interrupts | length <= $rows"
check "health says degraded, and why" api health '.status == "degraded" and (.reasons[0] | test("many"))'
check "so does the log, once" [ "$(grep -c 'node many: rows of its tables are left out' "$work/collector.log")" = 1 ]
python3 tests/field/node.py udp "$feed" --id b --name few --count 2 --every 0.1 --rows 100 >/dev/null
check "another node has all of its" \
	wait_for 10 api nodes/few '(.irq.interrupts | length == 100 or length == 200) and .cut == false'
check "tables are counted, as the nodes have them" drops_add_up
check "/metrics counts them" grep -q 'ktach_node_rows_refused_total{instance="many".*} [1-9]' \
	<(curl -fs "http://$http/metrics")
done_testing
