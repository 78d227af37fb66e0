#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an answer of ktach costs: user and system time of the process, from start
# to end, median of RUNS, taken in turns with what else answers on one screen:
# top of procps. Both read /proc here; the loaded ktach modules make ktach read
# less.
exec python3 - "${B:-build}/bin/ktach" "${RUNS:-20}" <<'END'
import os
import shutil
import statistics
import sys

ktach, runs = sys.argv[1], int(sys.argv[2])
commands = {
    "ktach": [ktach],
    "ktach --json": [ktach, "--json"],
    "ktach show cpu": [ktach, "show", "cpu"],
    "ktach doctor": [ktach, "doctor"],
}
if shutil.which("top"):
    commands["top -b -n 1"] = ["top", "-b", "-n", "1"]


def cost_ms(command):
    quiet = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
    pid = os.posix_spawnp(command[0], command, {**os.environ, "TERM": "dumb"},
                          file_actions=quiet)
    _, _, usage = os.wait4(pid, 0)
    return (usage.ru_utime + usage.ru_stime) * 1000


costs = {name: [] for name in commands}
for _ in range(runs):
    for name, command in commands.items():
        costs[name].append(cost_ms(command))
median = {name: statistics.median(values) for name, values in costs.items()}
for name, value in median.items():
    print(f"{name:16} {value:7.2f} ms of CPU (of {runs} runs: {min(costs[name]):.2f} "
          f"to {max(costs[name]):.2f})")
value = median["ktach"]
print(f"BAR inspector_cpu_ms {value:.2f} 20 {'ok' if value < 20 else 'short'}")
if "top -b -n 1" in median:
    ratio = value / median["top -b -n 1"]
    print(f"BAR inspector_of_top {ratio:.2f} 1 {'ok' if ratio < 1 else 'short'}")
END
