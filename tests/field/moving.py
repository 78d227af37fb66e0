#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""moving.py TREE: a machine of tests/host/trees.sh that lives on for 14 seconds. Its
CPUs are busy a quarter of the time; sda reads 10 times a second; sdb, what lies on it
and what lies on that read 10 MB a second: all of it by the clock, so that it does not
matter when somebody looks. After six seconds the machine wakes from a suspend: idle
time falls once. From then on sda is unplugged, for three seconds; what comes back under
its name counted more than it did."""
import sys
import time

sys.dont_write_bytecode = True
from tree import write

END, FALL, BACK = 14, 6, 9  # seconds


def cpus(at):
    idle = 6000000 + int(75 * at) - (350000 if at >= FALL else 0)
    line = f" {10000 + int(25 * at)} 0 0 {idle} 0 0 0 0 0 0\n"
    write("proc/stat", f"cpu {line}" + "".join(f"cpu{n}{line}" for n in range(2)) +
          f"intr {int(at)} 0\nctxt {1000 + int(at)}\nbtime 1790000000\nprocesses 500\nprocs_running 1\nprocs_blocked 0\n")


def line(number, name, reads, sectors):
    return f"{number:>12} {name} {reads} 0 {sectors} {reads} 0 0 0 0 0 {reads} {reads} 0 0 0 0 0 0\n"


def disks(at):
    reads, sectors = int(10 * at), int(80 * at)
    text = ""
    if at < FALL:
        text += line("8 0", "sda", 1000 + reads, 8000 + sectors)
    elif at >= BACK:
        text += line("8 0", "sda", 90000 + reads, 720000 + sectors)
    for number, name in (("8 16", "sdb"), ("8 17", "sdb1"), ("253 0", "dm-0"), ("253 1", "dm-1")):
        text += line(number, name, int(100 * at), int(20000 * at))
    write("proc/diskstats", text)


begin = time.monotonic()
while (at := time.monotonic() - begin) < END:
    cpus(at)
    disks(at)
    print(at, flush=True)
    time.sleep(0.02)
