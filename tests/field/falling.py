# SPDX-License-Identifier: GPL-2.0-or-later
"""falling.py TREE: a machine in TREE/{proc,sys,root} that lives until there is a file TREE/end
and counts by the clock, in each file of /proc that has counters. Each time that there is
a file TREE/fall it takes that away, and all of them begin anew, at less, as after a
driver's reset; those that the kernel keeps in 32 bits (softirqs, interrupts of a CPU) pass the end
of them instead, every other one after 8 s and the rest after 12, when TREE/wrapped is
there. Each second has 200 context switches, 100 interrupts, 10 forks, 50 of each line of
vmstat, 40 softirqs of each kind and CPU, 60 interrupts of a line and CPU, 1000 bytes in 10
packets received and twice that sent, 10 reads and writes of sda, 1000 us of each
pressure, 25 packets of each CPU's softnet, 100 ms of an agent's CPU time, and 20 J of
RAPL's package, as which an agent's group and a domain of RAPL, which wraps at 1000 J,
begin anew. In TREE/gap is for how many ms it did not come to write, at worst."""
import os
import sys
import time

sys.dont_write_bytecode = True
from tree import tree, write

AGENT = "sys/fs/cgroup/ktach.slice/ktach-agents.slice/ktach-agent@web.service"
RAPL = "sys/class/powercap/intel-rapl:0"
VECTORS = "HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU".split()
VMSTAT = "pgpgin pgpgout pswpin pswpout pgfault pgmajfault oom_kill".split()


def falls(per_s, at):
    return 10000000 * (9 - fallen) + int(per_s * at)


def wraps(per_s, at, which):
    return int(per_s * (at - (12 if which % 2 else 8))) % 2 ** 32


def interrupts(at):
    return "".join(f"  {n}: {wraps(60, at, n):>10} {wraps(60, at, n):>10}   IO-APIC   {n}-edge      line{n}\n" for n in (1, 2))


def live(at):
    line = f" {10000 + int(25 * at)} 0 0 {6000000 + int(75 * at)} 0 0 0 0 0 0\n"
    write("proc/stat", f"cpu {line}cpu0{line}cpu1{line}intr {falls(100, at)} 0\nctxt {falls(200, at)}\nbtime 1790000000\n"
          f"processes {falls(10, at)}\nprocs_running 1\nprocs_blocked 0\n")
    write("proc/vmstat", "".join(f"{name} {falls(50, at)}\n" for name in VMSTAT))
    write("proc/softirqs", f"{'CPU0':>24} {'CPU1':>10}\n" +
          "".join(f"{name:>12}: {wraps(40, at, n):>10} {wraps(40, at, n):>10}\n" for n, name in enumerate(VECTORS)))
    write("proc/interrupts", f"{'CPU0':>15} {'CPU1':>10}\n" + interrupts(at))
    write("proc/1/net/dev", "Inter-|   Receive  |  Transmit\n"
          " face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed\n"
          f"  eth0: {falls(1000, at)} {falls(10, at)} 0 0 0 0 0 0 {falls(2000, at)} {falls(20, at)} 0 0 0 0 0 0\n")
    reads = f"{falls(10, at)} 0 {falls(80, at)} {falls(100, at)}"
    write("proc/diskstats", f"   8 0 sda {reads} {reads} 0 {falls(100, at)} {falls(100, at)} 0 0 0 0 0 0\n")
    write("proc/net/softnet_stat", "".join(f"{falls(25, at):08x} 00000000 {falls(5, at):08x}{' 00000000' * 9} {cpu:08x} 00000000 00000000\n"
                                           for cpu in range(2)))
    write(f"{AGENT}/cpu.stat", f"usage_usec {falls(100000, at)}\n")
    write(f"{RAPL}/energy_uj", f"{(900000000 + int(20000000 * at)) % 1000000000}\n")
    for kind in ("cpu", "io", "memory"):
        write(f"proc/pressure/{kind}", "".join(
            f"{who} avg10=0.00 avg60=0.00 avg300=0.00 total={falls(1000, at)}\n" for who in ("some", "full")))


write("root/etc/hostname", "falling\n")
write(f"{RAPL}/name", "package-0\n")
write(f"{RAPL}/max_energy_range_uj", "1000000000\n")
write(f"{RAPL}/enabled", "1\n")
write("sys/devices/system/cpu/online", "0-1\n")
write("sys/devices/system/cpu/possible", "0-1\n")
write("sys/class/net/eth0/ifindex", "2\n")
write("proc/meminfo", "MemTotal: 4194304 kB\nMemFree: 2097152 kB\nMemAvailable: 3097152 kB\nActive: 1024 kB\n")
write("proc/loadavg", "0.10 0.20 0.30 1/100 4242 of the future\n")
write("proc/uptime", "1000.00 2000.00\n")
write("proc/cpuinfo", "processor\t: 0\n\nprocessor\t: 1\n\n")
write("proc/1/mountinfo", "")
begin = last = time.monotonic()
fallen, gap = 0, 0
while not os.path.exists(tree + "end"):
    now = time.monotonic()
    gap, last = max(gap, now - last), now
    if os.path.exists(tree + "fall"):
        fallen += 1
        os.remove(tree + "fall")
    live(now - begin)
    if now - begin > 14 and not os.path.exists(tree + "wrapped"):
        write("wrapped", "")
    time.sleep(0.05)
write("gap", f"{int(gap * 1000)}\n")
