#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cpu.py SECONDS NAME=PID...: CPU of processes, us a second, side by side.

User and system time of all threads, from schedstat. Prints, for each, the median
of blocks of ten seconds, and the mean of all. The median is what is compared: what
another guest of the machine takes away while a process runs is counted as the
process's own, and a few such moments carry a mean with them. Ten seconds, as what
agents do every second is not the same each time, and some of it comes as seldom.
"""
import os
import statistics
import sys
import time

BLOCK = 10


def cpu_us(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
                total += int(f.read().split()[0])
        except FileNotFoundError:
            pass  # it ended meanwhile
    return total / 1000


def main():
    seconds = int(sys.argv[1])
    pids = dict(argument.split("=") for argument in sys.argv[2:])
    seen = {name: [] for name in pids}
    at = time.monotonic() // 1 + 1.5  # between the ticks of a shipper
    for _ in range(seconds // BLOCK + 1):
        time.sleep(max(0, at - time.monotonic()))
        at += BLOCK
        for name, pid in pids.items():
            seen[name].append(cpu_us(pid))
    for name, totals in seen.items():
        each = [(b - a) / BLOCK for a, b in zip(totals, totals[1:])]
        print(name, f"{statistics.median(each):.1f} {statistics.mean(each):.1f}")


main()
