#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# /metrics by Prometheus' own tools: promtool reads it, and a Prometheus scrapes
# it; both from Debian's package, unpacked, not installed.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/prometheus.sh
. tests/e2e/collector.sh

collector_start
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 20 4 300 500 whole
check "20 nodes" wait_for 10 api nodes '.nodes | length == 20'

curl -fs "http://$http/metrics" >"$work/metrics"
"$promtool" check metrics <"$work/metrics" >"$work/promtool" 2>&1
# Names that are node_exporter's are not to be changed for a linter's taste.
is "$(grep -vcE '^node_(memory_|procs|load|netstat_|sockstat_|entropy_|vmstat_|timex_)' "$work/promtool")" 0 "promtool has nothing to say"
head -n 5 "$work/promtool" | sed 's/^/# /'
curl -fs -H 'Accept: application/openmetrics-text' "http://$http/metrics" >"$work/openmetrics"
is "$(tail -n 1 "$work/openmetrics")" '# EOF' "OpenMetrics, if asked for, has an end"

cat >"$work/prometheus.yml" <<END
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: ktach
    honor_labels: true
    static_configs: [ { targets: [ "$http" ] } ]
  - job_name: nodes
    honor_labels: true
    http_sd_configs: [ { url: "http://$http/sd", refresh_interval: 1s } ]
END
# families ARGUMENTS...: those of such an answer, and of how many nodes it is.
families() {
	curl -fsG "http://$http/metrics" "$@" >"$work/answer"
	echo "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$work/answer" | sort | paste -sd ' ') of \
$(sed -n 's/.*[{,]node_id="\([^"]*\)".*/\1/p' "$work/answer" | sort -u | wc -l)"
}
is "$(families -d 'name[]=node_load1' -d 'name[]=node_cpu_seconds_total')" "node_cpu_seconds_total node_load1 of 20" "series by name"
is "$(families -d 'name[]=node_memory_Swap*' -d node=node-00003,node-00004)" \
	"node_memory_SwapCached_bytes node_memory_SwapFree_bytes node_memory_SwapTotal_bytes of 2" "of nodes by name, and by how names begin"
is "$(families -d 'name[]=node_load1' -d 'node=node-0000*')" "node_load1 of 10" "nodes by how their names begin"
is "$(curl -s -o "$work/answer" -w '%{http_code}' "http://$http/metrics?node=nobody") $(jq -r .error "$work/answer")" \
	"404 no node has such a name or id; /sd and /api/v1/nodes list all" "a node that is not there"

prometheus_start "$work/prometheus.yml"

# query EXPRESSION JQ: whether Prometheus' answer is like that; of a node by the job that has all.
query() {
	prometheus_ask "${1//\{instance=/\{job=\"ktach\",instance=}" |
		jq -e "[.data.result[].value[1] | tonumber] | $2" >/dev/null
}
check "Prometheus scrapes the collector" wait_for 30 query 'up{job="ktach"}' '. == [1]'
check "each node is an instance of its own" \
	wait_for 20 query 'count(count by (instance) (node_cpu_seconds_total{job="ktach"}))' '. == [20]'
# Two jobs: series of one have the other's twins.
check "by service discovery each is a target" wait_for 30 query 'count(up{job="nodes"} == 1)' '. == [20]'
check "which has its own series alone" \
	wait_for 20 query 'count(count by (node_id) (node_cpu_seconds_total{job="nodes"}))' '. == [20]'
check "and nothing of the collector" wait_for 20 query 'count(ktach_collector_frames_total{job="nodes"}) or vector(0)' '. == [0]'
# The expression of node_exporter's dashboards.
check "node_exporter's expressions give the load that is fed" \
	wait_for 30 query '100 * (1 - avg(rate(node_cpu_seconds_total{job="ktach",mode="idle",instance="node-00010"}[20s])))' \
	'length == 1 and .[0] > 5 and .[0] < 35'
# A scrape that a busy machine lets time out makes all series stale for a while.
check "memory is exact" wait_for 30 query 'node_memory_MemTotal_bytes{instance="node-00010"}' '. == [17179869184]'
check "so is the network's rate, about" \
	wait_for 30 query 'rate(ktach_network_received_bytes_total{instance="node-00010",device="eth0"}[20s])' \
	'length == 1 and .[0] > 50000 and .[0] < 200000'
# Each by a name and labels of node_exporter's.
check "file systems" \
	wait_for 30 query '1 - node_filesystem_avail_bytes{instance="node-00010",mountpoint="/"} / (node_filesystem_size_bytes - 20 * 2^30)' \
	'length == 1 and .[0] > 0.099 and .[0] < 0.101'
check "disks" wait_for 30 query 'rate(node_disk_io_time_seconds_total{instance="node-00010",device="nvme0n1"}[20s])' \
	'length == 1 and .[0] > 0.08 and .[0] < 0.12'
check "temperatures" wait_for 30 query 'node_hwmon_temp_celsius{instance="node-00010",chip="k10temp"}' '. == [35]'
check "pressure" wait_for 30 query 'rate(node_pressure_io_stalled_seconds_total{instance="node-00010"}[20s])' \
	'length == 1 and .[0] > 0.04 and .[0] < 0.06'
check "facts are labels" \
	wait_for 30 query 'count(node_uname_info{job="ktach",release="6.1.0-56-amd64",nodename="db7.example.net"})' '. == [20]'
check "links" \
	wait_for 30 query 'node_network_mtu_bytes{instance="node-00010",device="eth1"} and on (instance, device) node_network_up == 0' '. == [9000]'
check "what links are" wait_for 30 query 'node_network_info{instance="node-00010",device="eth0",duplex="full"}' '. == [1]'
check "processes by state" \
	wait_for 30 query 'sum(ktach_processes{instance="node-00010"}) - sum(node_processes_pids{instance="node-00010"})' 'length == 1'
grep -qi 'error\|append failed' "$work/prometheus.log"
check "Prometheus had nothing to complain of" test $? -ne 0
done_testing
