#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""moving.py TREE: a machine of tests/host/trees.sh that lives on until it is terminated. Its
CPUs are busy a quarter of the time; sda reads 10 times a second; sdb, what lies on it
and what lies on that read 10 MB a second: all of it by the clock, so that it does not
matter when somebody looks. Once there is a file TREE/fall the machine wakes from a
suspend: idle time falls once. From then on sda is unplugged, until there is a file
TREE/back; what comes back under its name counted more than it did."""
import os
import sys
import time

sys.dont_write_bytecode = True
from tree import tree, write


def cpus(at, fell):
    idle = 6000000 + int(75 * at) - (350000 if fell else 0)
    line = f" {10000 + int(25 * at)} 0 0 {idle} 0 0 0 0 0 0\n"
    write("proc/stat", f"cpu {line}" + "".join(f"cpu{n}{line}" for n in range(2)) +
          f"intr {int(at)} 0\nctxt {1000 + int(at)}\nbtime 1790000000\nprocesses 500\nprocs_running 1\nprocs_blocked 0\n")


def line(number, name, reads, sectors):
    return f"{number:>12} {name} {reads} 0 {sectors} {reads} 0 0 0 0 0 {reads} {reads} 0 0 0 0 0 0\n"


def disks(at, fell, back):
    reads, sectors = int(10 * at), int(80 * at)
    text = ""
    if not fell:
        text += line("8 0", "sda", 1000 + reads, 8000 + sectors)
    elif back:
        text += line("8 0", "sda", 90000 + reads, 720000 + sectors)
    for number, name in (("8 16", "sdb"), ("8 17", "sdb1"), ("253 0", "dm-0"), ("253 1", "dm-1")):
        text += line(number, name, int(100 * at), int(20000 * at))
    write("proc/diskstats", text)


begin = time.monotonic()
while True:
    fell, back = (os.path.exists(tree + order) for order in ("fall", "back"))
    at = time.monotonic() - begin
    cpus(at, fell)
    disks(at, fell, back)
    print(at, flush=True)
    time.sleep(0.02)
