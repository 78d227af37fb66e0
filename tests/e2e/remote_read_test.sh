#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Prometheus' remote read over the history: one Prometheus (Debian's) scrapes the collector,
# another one has no samples of its own and reads the history. Both are asked the same
# about the same time.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/prometheus.sh
. tests/e2e/collector.sh

collector_start
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 3 4 300 500 whole
check "3 nodes" wait_for 60 api nodes '.nodes | length == 3'

# Labels come from the series: the scrape honours them, and the reader is told the job.
cat >"$work/scrape.yml" <<END
global: { scrape_interval: 1s }
scrape_configs: [ { job_name: ktach, honor_labels: true, static_configs: [ { targets: [ "$http" ] } ] } ]
END
cat >"$work/read.yml" <<END
remote_read: [ { url: "http://$http/api/v1/prometheus/read?job=ktach", read_recent: true } ]
END
prometheus_start "$work/scrape.yml"
scraper=$prometheus
reader=$((scraper + 1))
background reader.log "$prometheus_cache/usr/bin/prometheus" --config.file="$work/read.yml" \
	--storage.tsdb.path="$work/read" --web.listen-address=127.0.0.1:$reader
answers() { prometheus=$1 prometheus_ask "$2" | jq -e '.data.result | length > 0' >/dev/null; }
check "one scrapes" wait_for 60 answers "$scraper" 'node_load1'
check "the other one reads" wait_for 60 answers "$reader" 'node_load1'

# Some time of both.
since() { [ "$(prometheus=$scraper prometheus_ask 'count_over_time(up[1h])' | jq -r '.data.result[0].value[1]')" -ge "$1" ]; }
check "for 25 s" wait_for 120 since 25
at=$(($(date +%s) - 3))

# values PORT EXPRESSION: at that time, a line a series: labels, value.
values() {
	curl -fsG "http://127.0.0.1:$1/api/v1/query" --data-urlencode "query=$2" -d "time=$at" |
		jq -r '.data.result[] | [(.metric | to_entries | map("\(.key)=\(.value)") | join(",")), .value[1]] | @tsv' | sort
}
# alike SHARE EXPRESSION: series of both are the same, and their values but for that share of them.
alike() {
	values "$scraper" "$2" >"$work/scraped"
	values "$reader" "$2" >"$work/read.values"
	awk -F '\t' -v share="$1" '
		NR == FNR { scraped[$1] = $2; n++; next }
		!($1 in scraped) { print "read only: " $0; bad = 1; next }
		{ d = $2 - scraped[$1]; m++; big = scraped[$1] < 0 ? -scraped[$1] : scraped[$1]
		  if ((d < 0 ? -d : d) > share * big + 1e-6) { print $1 ": scraped " scraped[$1] ", read " $2; bad = 1 } }
		END { if (n != m || !n) print n + 0 " scraped, " m + 0 " read"; exit bad || n != m || !n }' \
		"$work/scraped" "$work/read.values" | head -5 | grep . && return 1
	return 0
}
while IFS='|' read -r share expression; do
	check "$expression" alike "$share" "$expression"
done <<'END'
0|node_memory_MemTotal_bytes
0|node_filesystem_size_bytes{mountpoint="/",instance=~"node-0000[01]"}
0|node_hwmon_temp_celsius{job="ktach",chip!="nobody"}
0|count by (instance, job) (node_cpu_seconds_total)
0|count by (__name__) ({__name__=~"node_disk_.*|node_network_.*_total"})
0|node_network_mtu_bytes{device=~"eth[0-9]+",device!~"eth[2-9]"}
0|count({__name__=~"node_pressure_.*"})
0.1|sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[20s]))
0.1|rate(node_disk_io_time_seconds_total{device="nvme0n1"}[20s])
0.1|rate(ktach_network_received_bytes_total{device="eth0"}[20s])
0.05|avg_over_time(node_load1[20s])
END

# range EXPRESSION JQ: whether the reader's answer of a range is like that.
range() {
	curl -fsG "http://127.0.0.1:$reader/api/v1/query_range" --data-urlencode "query=$1" \
		-d "start=$((at - 15))" -d "end=$at" -d step=5 | jq -e "$2" >/dev/null
}
check "a range has its steps" range 'node_memory_MemTotal_bytes{instance="node-00001"}' \
	'.data.result | length == 1 and (.[0].values | length == 4 and all(.[1] == "17179869184"))'
check "names are found by a pattern" test "$(curl -fsG "http://127.0.0.1:$reader/api/v1/series" -d "end=$at" -d "start=$((at - 15))" \
	--data-urlencode 'match[]={__name__=~"node_load.*",instance="node-00002"}' | jq -r '[.data[].__name__] | join(" ")')" = "node_load1 node_load15 node_load5"

# The same as chunks, as Prometheus itself streams them: what one program reads of both
# is what both say of these samples by themselves.
# samples PORT: of some series, by a query: labels, ms, value.
samples() {
	curl -fsG "http://127.0.0.1:$1/api/v1/query" --data-urlencode "query={__name__=~\"$names\",instance=\"node-00001\"}[15s]" -d "time=$at" |
		jq -r '.data.result[] | (.metric | to_entries | sort_by(.key) | map("\(.key)=\(.value)") | join(",")) as $l
			| .values[] | [$l, (.[0] * 1000 | round), (.[1] | tonumber)] | @tsv' | sort
}
# streamed URL: the same, by chunks. Numbers are written by jq, too.
streamed() {
	python3 tests/e2e/remote_read.py "$1" $((at - 15)) "$at" "__name__~$names" instance=node-00001 >"$work/stream" || return
	jq -rR 'split("\t") | [.[0], .[1], (.[2] | tonumber)] | @tsv' "$work/stream" | sort
}
names='node_load1|node_cpu_seconds_total|node_memory_.*|node_disk_.*|node_hwmon_temp_celsius'
# same FILE FILE: and some.
same() { [ "$(wc -l <"$1")" -gt 100 ] && diff "$1" "$2" | head -5 | awk '{ print } END { exit NR != 0 }'; }
samples "$scraper" >"$work/queried"
streamed "http://127.0.0.1:$scraper/api/v1/read" >"$work/streamed"
check "chunks that Prometheus streams are read" same "$work/queried" "$work/streamed"
samples "$reader" >"$work/queried"
streamed "http://$http/api/v1/prometheus/read?job=ktach" >"$work/streamed"
check "and those of the collector" same "$work/queried" "$work/streamed"

# reply OPTION...: status of an answer, and what it says.
reply() { curl -s -o "$work/answer" -w '%{http_code} ' "$@" "http://$http/api/v1/prometheus/read" && jq -r .error "$work/answer"; }
is "$(reply -d 'no request')" \
	"400 a ReadRequest of Prometheus' remote read, of at most 262144 bytes, compressed by snappy, is expected" "what is no request is refused"
is "$(reply)" "400 a POST of Prometheus' remote read is expected here" "so is a GET"
slow='{instance=~"((((((n|o|d|e|-|0|1)*)*)*)*)*)*[xyz]"}'
check "a pattern that would search for ever is given up" \
	sh -c "curl -sG http://127.0.0.1:$reader/api/v1/query --data-urlencode 'query=$slow' | grep -q 'a simpler pattern'"
check "and the collector goes on" api health .
done_testing
