#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The last of its kind goes: disk, mount, interface, agent, interrupt. Its table comes
# once more without rows, so that nothing shows them as of now; and they come back.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

tree=$work/tree
bash tests/host/trees.sh arm "$tree"
agent=$tree/sys/fs/cgroup/ktach.slice/ktach-agents.slice/ktach-agent@last.service
mkdir -p "$agent"
printf '  CPU0 CPU1\n 24: 10 20 IO-APIC 24-edge last\n' >"$tree/proc/interrupts"
cp -a "$tree/proc" "$work/whole"
# kept FILE PATTERN: those lines only; all of them again. In place: who reads it keeps it open.
kept() { grep -E "$2" "$work/whole/$1" >"$work/kept"; cat "$work/kept" >"$tree/proc/$1"; }
collector_start
intervals=()
for subject in disk mount agent interrupts; do intervals+=("--$subject-enabled" yes "--$subject-interval" 1s); done
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --state "$work/state" --pins "$work/none" \
	--name lasting --link-enabled no "${intervals[@]}" --proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root"

tables='{ disk: .disk.disks, mount: .mount.mounts, net: .net.interfaces, agent: .agent.agents, irq: .irq.interrupts } | map_values(length)'
# What tells of rows in /metrics.
series() { curl -fs "http://$http/metrics" | grep -cE '^ktach_(disk|filesystem|network|agent|interrupt)[^ ]*\{.*(device|mountpoint|agent|irq)="'; }
check "each table has rows" wait_for 60 api nodes/lasting "$tables | all(. > 0)"
check "/metrics has some of each" test "$(series)" -gt 20

# What the API says all the time, a line each.
(while api nodes/lasting && echo; do sleep 0.2; done >"$work/seen" 2>/dev/null) &
pids+=("$!")
kept interrupts CPU0
kept 1/net/dev '\|'
kept diskstats none
kept 1/mountinfo ' proc '
rm -r "$agent"
check "of each there is none any more" wait_for 60 api nodes/lasting "$tables | all(. == 0)"
# By age they would go as a whole, 10 s later at the earliest.
for table in disk.disks mount.mounts net.interfaces agent.agents irq.interrupts; do
	check "${table%.*}: which a sample says, not its age" jq -se "any(.$table == [])" "$work/seen"
done
is "$(series)" 0 "/metrics has none of their series"
for file in interrupts 1/net/dev diskstats 1/mountinfo; do kept "$file" ''; done
mkdir "$agent"
check "what comes back is there again" wait_for 60 api nodes/lasting "$tables | all(. > 0)"
done_testing
