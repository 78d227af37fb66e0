#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Counters of each file of /proc begin anew or pass the end of 32 bits (falling.py): in
# API and ktach a rate is the true one, or not known; never 0, never beyond measure.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

tree=$work/tree
stall_watch
readers=()
roots=(--proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root")
collector_start
background machine.log python3 tests/field/falling.py "$tree"
machine=$!
wait_for 10 test -s "$tree/proc/pressure/memory"
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state" --pins "$work/none" \
	--disk-interval 1s --interrupts-enabled yes --interrupts-interval 1s --memory-interval 1s --system-interval 1s \
	--pressure-interval 1s --core-interval 1s --agent-interval 1s --sensor-interval 1s "${roots[@]}"
for subject in net softirq; do
	"$B/bin/ktach" watch $subject --json --interval 500ms --from proc "${roots[@]}" >"$work/$subject" 2>/dev/null &
	readers+=("$!")
done
(until [ -e "$tree/seen" ]; do
	api nodes/falling && echo
	sleep 0.2
done >"$work/seen" 2>/dev/null) &
readers+=("$!")
pids+=("${readers[@]}")
# newest TEST: of the rate of context switches that was seen last.
newest() { tail -n 1 "$work/seen" | jq -se ".[0] != null and (.[0].counters_per_s.context_switches | $1)"; }
fallen() { [ ! -e "$tree/fall" ] && newest '. == null'; }
for round in 1 2 3; do
	check "rates are known ($round)" wait_for 60 newest '. != null'
	touch "$tree/fall"
	check "and are not, once all counters have begun anew ($round)" wait_for 60 fallen
done
check "and are known again" wait_for 60 newest '. != null'
check "those of 32 bits have passed the end of them" wait_for 60 test -e "$tree/wrapped"
# Nobody reads what stands still.
touch "$tree/seen"
kill "${readers[@]:0:2}"
wait "${readers[@]}"
touch "$tree/end"
wait "$machine"
# Who could not write, or read, for longer than 0.3 s makes a rate false by that much.
late=$(awk -v gap="$(cat "$tree/gap")" -v stall="$(stall_ms)" 'BEGIN { ms = gap + stall - 300; print (ms > 0 ? ms / 500 : 0) }')

# rates TEXT PER_S FALLS FILE EXPRESSION: all that was seen of it is about right, or null; where it
# falls something is null behind what was known.
rates() {
	local text=$1 per_s=$2 falls=$3
	shift 3
	check "$text" jq -se --argjson want "$per_s" --argjson falls "$falls" --argjson late "$late" "[.[] | $2] |"'
		(map(select(. != null)) | length > 5 and all(. > $want * (0.4 - $late) and . < $want * (2.5 + $late))) and
		(. as $all | (map(. != null) | index(true)) as $i | ($all[$i:] | any(. == null)) == $falls)' "$work/$1"
}
for rate in context_switches:200 interrupts:100 forks:10 faults:50 swapped_in_bytes:204800; do
	rates "${rate%:*}" "${rate#*:}" true seen ".counters_per_s.${rate%:*}"
done
rates "pressure" 0.001 true seen '.pressure.io_full'
rates "softirqs of a CPU" 40 true seen '.softirq.cpus[1].per_s | .timer, .hi'
rates "interrupts of both CPUs" 120 true seen '.irq.interrupts[:2][]?.count_per_s'
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
