# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: latency.py FIFO BEFORE AFTER

Wait for a CPU for some 60 ms or more: a thread of real-time priority keeps it meanwhile.
Held to a CPU by the caller. Writes /proc/softirqs to BEFORE and AFTER, around it; begins
when FIFO says so.
"""
import os
import sys
import time

with open(sys.argv[1], encoding="ascii") as f:
    f.readline()


def copy(path):
    with open("/proc/softirqs", encoding="ascii") as a, open(path, "w", encoding="ascii") as b:
        b.write(a.read())


copy(sys.argv[2])
child = os.fork()
if not child:
    # Asleep when the other one begins, awake while that keeps the CPU.
    time.sleep(0.05)
    os._exit(0)
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
end = time.monotonic() + 0.12
while time.monotonic() < end:
    pass
os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
os.waitpid(child, 0)
copy(sys.argv[3])
