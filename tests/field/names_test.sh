#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that others choose (of processes, nodes) reach no output with characters
# that steer a terminal, turn the direction of text, or are not to be seen.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

bad=$'\e[31m' turn=$'\u202e' zero=$'\u200b' mark=$'\ufeff' tag=$'\U000e0041'
odd="$bad$turn$zero$mark$tag"
# seen FILE: what of it must not be there.
seen() {
	grep -aqP '\x1b\[31m|\xe2\x80\xae|\xe2\x80\x8b|\xef\xbb\xbf|\xf3\xa0\x81\x81|\xc2[\x80-\x9f]' "$1"
}
# clean FILE TEXT: it has the node or process, and nothing of that.
clean() {
	grep -aq 'evil' "$1" || { head -c 300 "$1"; return 1; }
	! seen "$1"
}

# A process that is busy, so that it is among the first.
background busy python3 -c "
import ctypes, sys
ctypes.CDLL(None).prctl(15, sys.argv[1].encode()[:15])
while True: pass" "evil$bad$turn"
busy=$!
sleep 1
check "a process has an odd name" grep -qaP '\x1b' "/proc/$busy/comm"
for way in "" --json --csv; do
	"$B/bin/ktach" show process --interval 500ms $way >"$work/shown" 2>&1
	check "show process $way has it, without what steers a terminal" clean "$work/shown"
done

collector_start
background shipper "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state" --no-net \
	--name "evil$odd" --pins "$pins"
check "a node with an odd name arrives" wait_for 20 api nodes '.nodes[0].name | startswith("evil?")'
id=$(api nodes | jq -r '.nodes[0].id')
check "its process, too" wait_for 20 api "nodes/$id" 'any(.process.processes[]; .name | startswith("evil"))'
for path in nodes "nodes/$id"; do
	api "$path" >"$work/answer"
	check "the API's $path is clean" clean "$work/answer"
done
curl -fs "http://$http/metrics" >"$work/metrics"
check "so are metrics" clean "$work/metrics"

# Names that are one where they are shown, of a shipper that cleans as those of before did, or not.
background twins python3 tests/field/node.py udp "$feed" --name twins --every 0.2 --count 600 --agents 'a?b' 'a?b' $'a\x01b' plain
check "in the API each is its own" wait_for 60 api nodes/twins '[.agent.agents[].name] | length == 4 and (unique | length == 4) and index("plain") != null'
told() { curl -fs "http://$http/metrics" >"$work/metrics" && grep -q '^ktach_agent_memory_bytes{.*agent="a' "$work/metrics"; }
wait_for 60 told
is "$(grep -c '^ktach_agent_memory_bytes{.*agent="a' "$work/metrics")" 3 "in /metrics, too"
is "$(grep -v '^#' "$work/metrics" | sed 's/ [^ ]*$//' | sort | uniq -d)" "" "no series is there twice"
kill "$collector"
wait "$collector"
"$B/ktach-collector" export --data "$work/data" --table process >"$work/export" 2>&1
check "and an export" clean "$work/export"
check "no log has any of it" eval '! seen "$work/collector.log" && ! seen "$work/shipper"'
done_testing
