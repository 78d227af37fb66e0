#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""machine.py TREE: a machine of tests/host/trees.sh (moving) that lives on until it is
terminated, and is well but for what there is a file TREE/plant/NAME of. All that it counts
grows by the clock, so that it does not matter when somebody looks."""
import os
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "field"))
from tree import tree, write


def read(name):
    with open(tree + name, encoding="ascii") as f:
        return f.read()


def planted(name):
    return os.path.exists(tree + "plant/" + name)


# What each grows by in a second: when all is well, and when that is planted.
RATES = {
    "steal": (0, 90, "steal"), "softirq": (1, 95, "softirq"), "user": (10, 10, ""), "all_busy": (0, 99, "busy"),
    "disk_ms": (20, 1000, "disk-busy"), "request_ms": (2, 900, "disk-slow"),
    "dropped": (0, 200, "drops"), "oom": (0, 1, "oom"), "cpu_some": (10000, 900000, "cpu-pressure"),
    "memory_full": (0, 500000, "memory-pressure"), "io_full": (1000, 900000, "io-pressure"),
    "swapped_in": (0, 20000, "swapping"),
}
counted = dict.fromkeys(RATES, 0.0)
memory, vmstat = read("proc/meminfo"), read("proc/vmstat")


def cpus():
    total = 100 * (time.monotonic() - begin)

    def line(steal, softirq):
        c = counted
        used = steal + softirq + c["user"] + c["all_busy"]
        return f" {10000 + int(c['user'] + c['all_busy'])} 0 0 {600000 + int(max(0, total - used))} 0 0 {int(softirq)} {int(steal)} 0 0\n"
    lines = [line(counted["steal"], 0), line(0, counted["softirq"])]
    write("proc/stat", "cpu " + line(counted["steal"] / 2, counted["softirq"] / 2) + "".join(f"cpu{n}{text}" for n, text in enumerate(lines)) +
          f"intr {int(total)} 0\nctxt {1000 + int(total)}\nbtime 1790000000\nprocesses 500\nprocs_running 1\nprocs_blocked 0\n")


def disks():
    requests = int(10 * (time.monotonic() - begin))
    spent, busy = int(10 * counted["request_ms"]), int(counted["disk_ms"])
    write("proc/diskstats", "".join(
        f"{number:>12} {name} {1000 + requests} 0 {8000 + 8 * requests} {spent} 0 0 0 0 0 {busy} {spent} 0 0 0 0 0 0\n"
        for number, name in (("8 0", "sda"), ("8 16", "sdb"))))


def pressure(name, some, full):
    line = "{} avg10=0.00 avg60=0.00 avg300=0.00 total={}\n"
    write(f"proc/pressure/{name}", line.format("some", int(some)) + line.format("full", int(full)))


def values():
    total = int(re.search(r"MemTotal: +(\d+)", memory)[1])
    swap = int(re.search(r"SwapTotal: +(\d+)", memory)[1])
    text = memory
    if planted("memory"):
        text = re.sub(r"(MemAvailable: +)\d+", rf"\g<1>{total // 100}", text)
    if planted("swap"):
        text = re.sub(r"(SwapFree: +)\d+", rf"\g<1>{swap // 100}", text)
    write("proc/meminfo", text)
    text = re.sub(r"oom_kill \d+", f"oom_kill {2 + int(counted['oom'])}", vmstat)
    write("proc/vmstat", re.sub(r"pswpin \d+", f"pswpin {300 + int(counted['swapped_in'])}", text))
    pressure("cpu", counted["cpu_some"], 0)
    pressure("memory", counted["memory_full"], counted["memory_full"])
    pressure("io", counted["io_full"], counted["io_full"])
    words = [100000, int(counted["dropped"])] + 13 * [0]
    for name in ("proc/net/softnet_stat", "proc/1/net/softnet_stat"):
        write(name, 2 * (" ".join(f"{word:08x}" for word in words) + "\n"))


def sensors():
    chip = "sys/class/hwmon/hwmon1/"
    write(chip + "fan1_input", "0\n" if planted("fan") else "1235\n")
    write(chip + "temp1_input", "99000\n" if planted("too-hot") else "83000\n" if planted("hot") else "40000\n")


begin = last = time.monotonic()
while True:
    now = time.monotonic()
    for name, (well, wrong, plant) in RATES.items():
        counted[name] += (now - last) * (wrong if plant and planted(plant) else well)
    last = now
    cpus()
    disks()
    values()
    sensors()
    time.sleep(0.05)
