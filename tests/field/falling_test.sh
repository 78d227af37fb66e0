#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Counters of each file of /proc begin anew or pass the end of 32 bits (falling.py): in
# API and ktach a rate is the true one, or not known; never 0, never beyond measure.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

tree=$work/tree
roots=(--proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root")
collector_start
background machine.log python3 tests/field/falling.py "$tree"
machine=$!
wait_for 10 test -s "$tree/proc/pressure/memory"
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state" --pins "$work/none" \
	--disk-interval 1s --interrupts-enabled yes --interrupts-interval 1s --memory-interval 1s --system-interval 1s \
	--pressure-interval 1s --core-interval 1s --agent-interval 1s --sensor-interval 1s "${roots[@]}"
for subject in net softirq; do
	"$B/bin/ktach" watch $subject --json --interval 500ms --count 18 --from proc "${roots[@]}" >"$work/$subject" 2>/dev/null &
	pids+=("$!")
done
while kill -0 "$machine" 2>/dev/null; do
	api nodes/falling && echo
	sleep 0.2
done >"$work/seen"

# rates TEXT PER_S FALLS FILE EXPRESSION: all that was seen of it is about right, or null; where it
# falls something is null behind what was known.
rates() {
	local text=$1 per_s=$2 falls=$3
	shift 3
	check "$text" jq -se --argjson want "$per_s" --argjson falls "$falls" "[.[] | $2] |"'
		(map(select(. != null)) | length > 5 and all(. > $want * 0.4 and . < $want * 2.5)) and
		(. as $all | (map(. != null) | index(true)) as $i | ($all[$i:] | any(. == null)) == $falls)' "$work/$1"
}
for rate in context_switches:200 interrupts:100 forks:10 faults:50 swapped_in_bytes:204800; do
	rates "${rate%:*}" "${rate#*:}" true seen ".counters_per_s.${rate%:*}"
done
rates "pressure" 0.001 true seen '.pressure.io_full'
rates "softirqs of a CPU" 40 true seen '.softirq.cpus[1].per_s.timer'
rates "an interrupt of both" 120 true seen '.irq.interrupts[0].count_per_s'
rates "bytes received" 1000 true seen '.net.interfaces[0].rx_bytes_per_s'
rates "packets sent" 20 true seen '.net.interfaces[0].tx_packets_per_s'
rates "reads of a disk" 10 true seen '.disk.disks[0].reads_per_s'
rates "a disk's time a read" 10000000 true seen '.disk.disks[0].read_await_ns'
rates "packets of a CPU" 25 true seen '.core.cores[1].packets_per_s'
rates "an agent's CPU time" 0.1 true seen '.agent.agents[0].cpu_share'
rates "a package's power" 20 false seen '.sensor.sensors[]? | select(.type == "energy") | .watts'
rates "ktach: bytes received" 1000 true net '.net.interfaces[0].rx_bytes_per_s'
rates "ktach: softirqs" 80 false softirq '.softirq.per_s.net_rx'
check "threads, though the line goes on" jq -se 'any(.gauges.threads == 100)' "$work/seen"
check "no word of missing values" bash -c "! grep -vE 'process|sys/dev/block|packets|network|softnet' '$work/shipper.log' | grep missing"
done_testing
