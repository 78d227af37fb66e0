#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The API against real frames: 50 nodes of fleet.c that tell of the whole host,
# and one that falls silent.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# status PATH [CURL...]: of the answer.
status() {
	local path=$1
	shift
	curl -s -o /dev/null -w '%{http_code}' "$@" "http://$http$path"
}

collector_start --host collector.example
background silent.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 51 2 2 200
silent=$!
wait "$silent"
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 50 4 300 1000 whole timed
fleet=$!
check "51 nodes, those that are fed with shares" \
	wait_for 15 api nodes '.nodes | length == 51 and all(.[0:50][]; .cpu_busy != null)'
sleep 2
fed=$(date +%s%N) # the silent fleet's values, which are others, were before
check "docs/openapi.yaml was held against the server" \
	into "$work/openapi" python3 tests/e2e/openapi.py docs/openapi.yaml "http://$http" collector/api/api.c
points "$work/openapi"

# The last node of the first fleet is silent by now.
check "the cluster's summary counts states" \
	wait_for 10 api cluster '.nodes == {fresh: 50, late: 1, gone: 0, moved: 0, ended: 0}'
check "it names who is silent, and sums CPUs of the fresh nodes" \
	api cluster '.silent[0].name == "node-00050" and .cpus == 200 and .left_out == 1'
api nodes >"$work/nodes"
api cluster >"$work/cluster"
check "the network's sum is that of the list" \
	jq -e --slurpfile c "$work/cluster" '([.nodes[] | select(.state == "fresh") | .rx_bytes_per_s // 0] | add) == $c[0].rx_bytes_per_s' "$work/nodes"
check "the top 3 interfaces" api 'topk?metric=net.rx_bytes_per_s&over=interfaces&k=3' \
	'[.top[].value] == [510000, 500000, 490000] and all(.top[]; .interface == "eth0")'
check "the smallest come first, if asked for" \
	api 'topk?metric=load_1min&k=2&order=smallest' '[.top[].name] == ["node-00000", "node-00001"]'
check "a node has gauges, and rates of counters" \
	api nodes/node-00007 '.gauges.memory_total_bytes == 17179869184 and (.counters_per_s.context_switches | . > 4000 and . < 6000)'
check "how long softirqs ran, where the rings tell" \
	api nodes/node-00007 '.softirq | .max_ns.rcu == 500000 and .max_ns.hi == 0 and .time_ns.rcu == .count.rcu * 100000'
check "facts, with more than one address" \
	api nodes/node-00007 '.facts.kernel == "6.1.0-56-amd64" and .facts.addresses == ["192.0.2.7", "2001:db8::7"] and .facts.uptime_ns > 0'
check "memory, swap and pressure" \
	api nodes/node-00007 '.memory.used_bytes == 7516192768 and .memory.swap_free_bytes == 3221225472 and .pressure.io_full_10s == 0.007'
check "disks, with what follows from their counters" \
	api nodes/node-00007 '.disk.disks[0] | .name == "nvme0n1" and .busy > 0.05 and .busy < 0.1 and .await_ns == 400000 and .reads_per_s > 10 and .reads_per_s < 20'
check "mounts, of which one is read-only and one does not answer" \
	api nodes/node-00007 '.mount.mounts | map([.read_only, .hung, .used]) == [[false, false, 0.07], [true, false, 1], [false, true, null]]'
check "links with their addresses" \
	api nodes/node-00007 '.link.links[0] | .up and .addresses == ["192.0.2.7/24", "2001:db8::7/64"] and .speed_bits_per_s == 1e10'
check "sensors by their units" \
	api nodes/node-00007 '.sensor.sensors | map([.type, .value])[0:2] == [["temperature", 33.5], ["temperature", 38.85]]'
check "processes" \
	api nodes/node-00007 '.process.processes[0] | .name == "postgres" and .state == "R" and .cpu_share == 0.056'
check "cores and interrupts" \
	api nodes/node-00007 '(.core.cores | length == 4) and (.irq.interrupts[1] | .name == "eth0-TxRx-0" and .symbol == (.irq | tostring))'
check "the fullest mounts that can be written to" \
	api 'topk?metric=mount.used&over=mounts&k=2' '[.top[] | [.name, .mount, .value]] == [["node-00049", "/", 0.49], ["node-00048", "/", 0.48]]'
check "the process that works most" \
	api 'topk?metric=process.cpu&over=processes&k=1' '.top[0] | .process == "postgres" and .pid == 100 and .name == "node-00049"'
check "the warmest sensor" \
	api 'topk?metric=sensor.celsius&over=sensors&k=1' '.top[0] | .sensor == "k10temp" and .label == "cpu" and .value == 54.5'
check "the history has the interface's rate" \
	api 'history?node=node-00007&metric=net.rx_bytes&key=2&from=-1m&step=1s' \
	'[.series[].values[] | select(. != null)] | length > 2 and all(.[1:][]; . > 60000 and . < 100000)'
for metric in load_1min pressure_io_some_10s; do
	now=$(api nodes/node-00007 | jq ".gauges.$metric")
	check "the history has $metric in the same unit as live ($now)" \
		wait_for 20 api "history?node=node-00007&metric=$metric&from=$fed&step=1s&aggregate=last" \
		".series[0].values | map(select(. != null)) | length > 0 and all(.[]; . == $now)"
done

# Many series in one answer.
check "one question, many series: each CPU of each node" \
	api 'query?metric=cpu.busy,load_1min&node=node-0000*&from=-5s&step=5s' '(.series | length == 10 * (4 + 1)) and .next == null'
check "a node's CPUs together are what the list says of it" \
	api 'query?metric=cpu.busy&node=node-00007&by=node&from=-10s&step=10s' '.series[0] | .of == 4 and (.values | map(select(. != null)) | length > 0)'
check "the most loaded node" \
	api "query?metric=load_1min&by=node&top=1&from=$fed&aggregate=last" '.series | length == 1 and .[0].node == "node-00049"'
# One step, whenever it is asked for.
step=$(($(date +%s) / 5 * 5))
question="query?metric=cpu.user&node=node-00*&from=$((step - 5))&to=$step&step=5s&format=csv"
api "$question&limit=10000" | sed 's/^[0-9]*//' | sort >"$work/whole"
api "$question&limit=7" | sed 's/^[0-9]*//' | sort >"$work/streamed"
is "$(grep -c ,cpu.user, "$work/streamed")" "$(grep -c ,cpu.user, "$work/whole")" "a stream of many pages has as many lines as one page"
is "$(api 'query?metric=cpu.user&node=node-0004*&from=-5s&format=ndjson&limit=9' | jq -s '(.[0] | has("from_ns")) and (.[-1].next == null) and (length == 42)')" true \
	"lines of objects: the range, 40 series, the end"
check "the same by POST" \
	jq -e '.series | length == 2' <(curl -fs -d '{"metric": ["load_1min"], "node": ["node-00001", "node-00002"], "from": "-5s"}' "http://$http/api/v1/query")
is "$(curl -s -o /dev/null -w '%{http_code}' --data-binary @<(head -c 20000 /dev/zero | tr '\0' ' ') "http://$http/api/v1/query")" 413 "a longer body is refused"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/query?metric=cpu.busy&node=$(head -c 3000 /dev/zero | tr '\0' a)&nonsense=1")" 400 \
	"a long question is refused, not cut"

after=$(python3 tests/e2e/turns.py "$http" "$collector" '/api/v1/query?metric=cpu.busy&from=-3h&step=1s&aggregate=avg,max,p95&by=all')
check "whose questions take long keeps nobody else waiting ($after of 30 were answered later)" [ "$after" -ge 5 ]

# Entity tags and compression.
sleep 0.1
kill "$fleet"
wait "$fleet" 2>/dev/null
tag=$(curl -s -D- -o /dev/null "http://$http/api/v1/cluster" | tr -d '\r' | sed -n 's/^etag: //p')
is "$(status /api/v1/cluster -H "If-None-Match: $tag")" 304 "what did not change is not sent again"
tag=$(curl -s -D- -o /dev/null "http://$http/app.js" | tr -d '\r' | sed -n 's/^etag: //p')
is "$(status /app.js -H "If-None-Match: $tag")" 304 "nor is a file of the page"
is "$(status /app.js -H 'If-None-Match: "other"')" 200 "another tag gets it"
curl -s "http://$http/api/v1/metrics" >"$work/plain"
check "compressed, it is the same" eval 'curl -s --compressed "http://$http/api/v1/metrics" | cmp - "$work/plain"'
small=$(curl -s -H 'Accept-Encoding: gzip' "http://$http/api/v1/metrics" | wc -c)
large=$(curl -s "http://$http/api/v1/metrics" | wc -c)
check "and at most half as long, of $large bytes" within 1 "$small" $(((large - 1) / 2))

# DNS rebinding.
is "$(status /api/v1/nodes -H 'Host: evil.example')" 403 "another site's name is refused"
is "$(status /api/v1/nodes -H 'Host: collector.example:8766')" 200 "a name of --host is served"
is "$(status /api/v1/nodes -H 'Host: [::1]:8766')" 200 "so is an address"
is "$(status /api/v1/nodes -H 'Host: 127.0.0.1.evil.example')" 403 "but no name that looks like one"
is "$(status /api/v1/nodes -X DELETE)" 405 "other methods are refused"
is "$(status /api/v1/nothing)" 404 "what is not there is not there"
is "$(status /api/v1/nodes/no-such-node)" 404 "nor is a node"
check "all of that left it healthy" api health '.status == "ok" and .nodes == 51'
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
done_testing
