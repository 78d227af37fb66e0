#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What 1,000 rules over 10,000 nodes cost the collector beside what it does with their
# frames anyway (bench/watch.c): limits on all that the fleet's tables have, of all nodes and
# of some by their names, of rows by theirs, along lines, and over the fleet.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Few of them hold, as in life; 20 look along a line, ten are over the fleet.
python3 - >"$work/many.rules" <<'END'
rows = ["cpu.busy", "cpu.user", "cpu.system", "cpu.iowait", "cpu.softirq", "cpu.steal", "disk.busy", "disk.await_ns", "disk.reads",
	"disk.writes", "disk.written_bytes", "net.rx_bytes_per_s", "net.tx_bytes_per_s", "net.rx_packets_per_s", "net.tx_packets_per_s"]
values = ["load_1min", "load_5min", "load_15min", "tasks_running", "threads", "memory.used", "memory_available_bytes", "memory_free_bytes",
	"memory_dirty_bytes", "context_switches", "forks", "interrupts", "faults", "pressure.cpu_some"]
for i in range(1000):
    of_rows = i % 2
    metric = rows[i // 2 % len(rows)] if of_rows else values[i // 2 % len(values)]
    print(f"[rule-{i}]\nmetric = {metric}\nabove = {1e15 + i:.0f}\nmargin = 1\nfor = {i % 60}s\ntext = {{row}} is at {{value}}\nwhy = so")
    if i % 5 == 0:
        print(f"nodes = *{i % 16:x}, *a{i % 10}*")
    if of_rows and i % 3 == 0:
        print("not-rows = veth*, docker*")
    if i % 100 == 1:
        print("per = 1h\nwindow = 10m")
    if i % 100 == 2:
        print("share = 20 %")
END
"$B/ktach-collector" rules >"$work/default.rules"
for rules in default many; do
	"$B/bench/watch" "${NODES:-10000}" "${FRAMES:-2}" "$work/$rules.rules" >"$work/said" || exit
	cat "$work/said"
	read -r _ without idle _ with tick _ count _ _ <"$work/said"
	echo "$count rules: a frame of five samples takes $with ns rather than $without, and a node each second $tick ns rather than $idle"
	# A frame stands for five seconds.
	awk -v n="watch_${rules}_rules_cost" -v a="$((without + 5 * idle))" -v b="$((with + 5 * tick))" 'BEGIN {
		v = b / a
		printf "BAR %s %.2f %s %s\n", n, v, 2, v <= 2 ? "ok" : "short"
	}'
done
