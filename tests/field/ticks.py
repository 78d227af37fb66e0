# SPDX-License-Identifier: GPL-2.0-or-later
"""ticks.py TREE: a machine whose CPUs do not count as the clock goes. Of each 100 ticks CPU 0
counts 97, in all states; CPU 1 none; CPU 2 counts 103, with guests of both kinds, as does CPU 3, whose steal makes no
sense. Lives until it is killed."""
import sys
import time

sys.dont_write_bytecode = True
from tree import write

# user nice system idle iowait irq softirq steal guest guest_nice, each second.
PER_S = ((31, 7, 11, 30, 5, 1, 9, 3, 0, 0), (0,) * 10, *((29, 13, 11, 37, 7, 1, 2, 3, 13, 7),) * 2)


def live(at):
    counts = [[1000 + int(n * at) for n in cpu] for cpu in PER_S]
    counts[3][7] = 2 ** 64 - 1
    rows = [[sum(column) for column in zip(*counts)], *counts]
    write("proc/stat", "".join(f"cpu{n} {' '.join(map(str, row))}\n" for n, row in zip(("", 0, 1, 2, 3), rows)) +
          "intr 9 0\nctxt 9\nbtime 1790000000\nprocesses 10\nprocs_running 1\nprocs_blocked 0\n")


write("root/etc/hostname", "ticks\n")
write("sys/devices/system/cpu/online", "0-3\n")
write("sys/devices/system/cpu/possible", "0-3\n")
write("proc/meminfo", "MemTotal: 4194304 kB\nMemFree: 2097152 kB\nMemAvailable: 3097152 kB\n")
write("proc/loadavg", "0.10 0.20 0.30 1/100 4242\n")
write("proc/uptime", "1000.00 2000.00\n")
begin = time.monotonic()
while True:
    live(time.monotonic() - begin)
    time.sleep(0.02)
