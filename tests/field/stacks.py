# SPDX-License-Identifier: GPL-2.0-or-later
"""stacks.py TREE SECONDS: a machine in TREE/{proc,sys,root} whose devices lie on others,
and which lives so long. What comes in by each wire, and is read from each disk, is 1 MB a
second; what lies on several has the sum of them:

    eth0 eth1              sda (sda1 sda2) sdb (sdb1)        sdc
      bond0                  md0 of sda2 and sdb1            dm-2, multipath
        bond0.5                dm-0, crypt
          br0, with tap0         dm-1, logical volume
    eth2, of which macvlan0

Devices that the file TREE/gone names are unplugged.
"""
import os
import sys
import time

sys.dont_write_bytecode = True
from tree import tree, write

seconds = float(sys.argv[2])
MB = 1000000
NETS = {  # name: (MB a second, what it lies on)
    "lo": (0, []), "eth0": (1, []), "eth1": (1, []), "eth2": (1, []), "bond0": (2, ["eth0", "eth1"]),
    "bond0.5": (2, ["bond0"]), "tap0": (0, []), "br0": (2, ["bond0.5", "tap0"]), "macvlan0": (1, ["eth2"]),
}
DISKS = {  # name: (number, MB a second, what it lies on, the mapper's name)
    "sda": ("8:0", 1, [], None), "sdb": ("8:16", 1, [], None), "sdc": ("8:32", 1, [], None),
    "md0": ("9:0", 2, ["sda2", "sdb1"], None), "dm-0": ("253:0", 2, ["md0"], "crypt"),
    "dm-1": ("253:1", 2, ["dm-0"], "vg-data"), "dm-2": ("253:2", 1, ["sdc"], "mpatha"),
}
PARTS = {"sda1": ("8:1", 0, "sda"), "sda2": ("8:2", 1, "sda"), "sdb1": ("8:17", 1, "sdb")}


def link(name, to):
    os.makedirs(os.path.dirname(tree + name), exist_ok=True)
    os.symlink(to, tree + name)


def build():
    write("root/etc/hostname", "stacks\n")
    write("sys/devices/system/cpu/online", "0\n")
    write("sys/devices/system/cpu/possible", "0\n")
    write("proc/meminfo", "MemTotal: 4194304 kB\nMemFree: 2097152 kB\nMemAvailable: 3097152 kB\n")
    write("proc/loadavg", "0.10 0.20 0.30 1/100 4242\n")
    write("proc/cpuinfo", "processor\t: 0\n\n")
    write("proc/1/mountinfo", "")
    write("proc/stat", "cpu 1 0 0 1 0 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\nintr 1\nctxt 1\nbtime 1790000000\nprocesses 1\n")
    write("proc/softirqs", f"{'CPU0':>24}\n" + "".join(
        f"{name:>12}: {1:>10}\n" for name in "HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU".split()))
    for index, (name, (_, lower)) in enumerate(NETS.items()):
        write(f"sys/devices/net/{name}/ifindex", f"{index + 1}\n")
        link(f"sys/class/net/{name}", f"../../devices/net/{name}")
        for below in lower:
            link(f"sys/devices/net/{name}/lower_{below}", f"../{below}")
    for name, (number, _, lower, title) in DISKS.items():
        here = f"sys/devices/block/{name}"
        for folder in ("queue", "slaves", "holders"):
            os.makedirs(f"{tree}{here}/{folder}")
        write(f"{here}/dev", number + "\n")
        write(f"{here}/size", "1000000\n")
        if title:
            write(f"{here}/dm/name", title + "\n")
        link(f"sys/block/{name}", f"../devices/block/{name}")
        link(f"sys/dev/block/{number}", f"../../devices/block/{name}")
        for below in lower:
            link(f"{here}/slaves/{below}", f"../../{below}")
    for name, (number, _, disk) in PARTS.items():
        here = f"devices/block/{disk}/{name}"
        write(f"sys/{here}/partition", name[-1] + "\n")
        write(f"sys/{here}/dev", number + "\n")
        write(f"sys/{here}/size", "500000\n")
        link(f"sys/dev/block/{number}", f"../../{here}")


def live(at):
    text = ("Inter-|   Receive  |  Transmit\n"
            " face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed\n")
    gone = open(tree + "gone", encoding="ascii").read().split() if os.path.exists(tree + "gone") else []
    for name, (per_s, _) in NETS.items():
        if name in gone:
            continue
        bytes_ = int(per_s * MB * at)
        text += f"{name}: {bytes_} {bytes_ // 1000} 0 0 0 0 0 0 {bytes_} {bytes_ // 1000} 0 0 0 0 0 0\n"
    write("proc/1/net/dev", text)
    lines = [(number, name, per_s) for name, (number, per_s, *_) in DISKS.items()]
    lines += [(number, name, per_s) for name, (number, per_s, _) in PARTS.items()]
    text = ""
    for number, name, per_s in lines:
        if name in gone:
            continue
        sectors = int(per_s * MB / 512 * at)
        text += f"{number.replace(':', ' ')} {name} {sectors // 8} 0 {sectors} 1 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
    write("proc/diskstats", text)


build()
begin = time.monotonic()
while (now := time.monotonic() - begin) < seconds:
    live(now)
    time.sleep(0.05)
