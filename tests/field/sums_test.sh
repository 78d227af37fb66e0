#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What stands beside a sum adds up to it: shares of CPUs that do not count as the clock
# goes (ticks.py), by ktach as words, CSV and JSON, in API, history and /metrics.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

tree=$work/tree
roots=(--proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root")
collector_start
background machine.log python3 tests/field/ticks.py "$tree"
wait_for 10 test -s "$tree/proc/uptime"
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state" "${roots[@]}"

ktach() { "$B/bin/ktach" "$1" "${@:2}" --from proc --interval 700ms "${roots[@]}" 2>"$work/said"; }
# adds_up FROM TO: of each line of numbers what stands in columns FROM to TO is the column before them.
adds_up() {
	awk -v from="$1" -v to="$2" '{ sum = 0; for (i = from; i <= to; i++) sum += $i; n++
		if (sum - $(from - 1) > 2e-5 || $(from - 1) - sum > 2e-5) bad = 1 } END { exit bad || !n }'
}
# In all rows that are known; of the one that stands still nothing is.
exact='def whole: (.share | add) as $all | (.share.idle + .share.iowait + .busy) as $both |
	($all - 1 | fabs) < 2e-5 and ($both - 1 | fabs) < 2e-5;'

ktach show cpu --json >"$work/json"
check "JSON: shares of a CPU and of all are 1 together" jq -e "$exact"'.cpu | [., .cpus[0], .cpus[2], .cpus[3] | whole] | all' "$work/json"
check "JSON: a CPU that stands still is not idle" jq -e '.cpu.cpus[1] | .busy == null and .share == null' "$work/json"
check "JSON: by sums, not by the clock" jq -e '(.cpu.cpus[0].share.idle - 30 / 97 | fabs) < 0.03 and (.cpu.cpus[2].share.guest - 13 / 103 | fabs) < 0.03' "$work/json"
check "JSON: steal that makes no sense costs itself only" jq -e '.cpu.cpus[3] | .busy > 0.4 and .share.steal == null and .share.guest > 0' "$work/json"
ktach show cpu --csv >"$work/csv"
check "CSV: busy is its states together" adds_up 2 9 < <(awk -F, '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["busy"] != "" { print $at["busy"], $at["user"] + 0, $at["nice"] + 0, $at["system"] + 0, $at["irq"] + 0,
		$at["softirq"] + 0, $at["steal"] + 0, $at["guest"] + 0, $at["guest_nice"] + 0 }' "$work/csv")
ktach show cpu >"$work/table"
check "the table: busy is its columns together" adds_up 2 9 < <(
	sed -nE 's/^(all|[0-9]+) +[^0-9]* ([0-9.]+ .*)/\2/p' "$work/table" | awk '{ print $1, $2, $3, $4, $6, $7, $8, $9, 0 }')
for _ in 1 2 3; do
	"$B/bin/ktach" --from proc --interval 700ms "${roots[@]}" 2>/dev/null |
		sed -nE 's/^cpu +([0-9.]+) % busy  user ([0-9.]+)  nice ([0-9.]+)  system ([0-9.]+)  irq ([0-9.]+)  softirq ([0-9.]+)  steal ([0-9.]+)  guest ([0-9.]+)  iowait.*/\1 \2 \3 \4 \5 \6 \7 \8/p'
done >"$work/lines"
check "in short: busy is what stands beside it ($(wc -l <"$work/lines") times)" adds_up 2 8 <"$work/lines"
ktach watch --count 3 | awk '$1 ~ /:/ { print $2, $3, $4, $5, $6 }' >"$work/watched"
check "watch: of all" adds_up 2 5 <"$work/watched"
ktach watch cpu --count 3 | awk '$1 ~ /:/ { print $2, $3, $4, $5, $7, $8, $9, $10 }' >"$work/watched"
check "watch: of CPUs" adds_up 2 8 <"$work/watched"

check "API: shares are known" wait_for 60 api nodes/ticks '.cpu.share.user > 0'
api nodes/ticks >"$work/node"
check "API: shares of a CPU and of all are 1 together" jq -e "$exact"'.cpu | [., .cpus[0], .cpus[2], .cpus[3] | whole] | all' "$work/node"
check "API: a CPU that stands still is not idle" jq -e '.cpu.cpus[1] | .busy == null and .share == null' "$work/node"
check "API: steal that makes no sense costs itself only" jq -e '.cpu.cpus[3] | .busy > 0.4 and .share.steal == null and .steal_ns == null and .guest_ns > 0' "$work/node"
check "API: all are sums over sums" jq -e '(.cpu.share.idle - 104 / 300 | fabs) < 0.03' "$work/node"
metrics() { curl -fs "http://$http/metrics" | grep '^ktach_cpu_busy_share'; }
is "$(metrics | grep -c 'cpu="[023]".* 0\.[5-7]')" 3 "/metrics: busy of those that count"
is "$(metrics | grep -c 'cpu="1"')" 0 "/metrics: nothing of the one that stands still"

# history STEP METRIC: [[value, ...] of each CPU], of half a minute up to @until.
history() { api "history?node=ticks&metric=cpu.$2&from=$((until - 30))&to=$until&step=$1" | jq -c '[.series[].values]'; }
history_adds_up() {
	until=$(($(date +%s) / 10 * 10))
	for metric in busy idle iowait user nice system irq softirq steal guest guest_nice; do
		history "$1" $metric
	done | jq -se '.[0] as $busy | .[1] as $idle | .[2] as $iowait | .[3:] as $parts |
		[range($busy | length) as $c | range($busy[$c] | length) as $i | select($busy[$c][$i] != null) |
		 ([$parts[] | .[$c][$i]] | add) as $sum | ($sum - $busy[$c][$i] | fabs) < 2e-5 and
		 ($sum + $idle[$c][$i] + $iowait[$c][$i] - 1 | fabs) < 2e-5] | length > 1 and all'
}
check "history: at each second" wait_for 30 history_adds_up 1s
check "history: of ten seconds" wait_for 30 history_adds_up 10s
until=$(($(date +%s) / 10 * 10)) # check has its own
check "history: nothing of the one that stands still" jq -e '[.[1][]] | unique == [null]' < <(history 1s busy)
check "history: nor steal that makes no sense" jq -e '(.[3] | unique == [null]) and (.[0] | any(. > 0))' < <(history 1s steal)
is "$(curl -fs "http://$http/metrics" | grep '^node_cpu_seconds_total' | grep -c 'mode="steal"')" 3 "/metrics: nor a series of it"
done_testing
