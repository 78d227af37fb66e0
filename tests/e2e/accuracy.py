#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: accuracy.py KTACH SECONDS RATE_BOUND DISK NETNS
Hold what ktach tells of this host against the tools that people trust, in one
run and over the same time. Counters are bracketed: the tool reads before and
after, and ktach's value has to be between the two, exactly. Rates may differ by
RATE_BOUND (0.01 is 1 %), as two programs don't begin in the same instant.
DISK is one in /proc/diskstats, NETNS a namespace with a busy interface net0.
Prints TAP without a plan, and a table of the largest differences."""
import json
import re
import subprocess
import sys
import time

KTACH, SECONDS, BOUND, DISK, NETNS = sys.argv[1:6]
SECONDS, BOUND = int(SECONDS), float(BOUND)
INSIDE = ["ip", "netns", "exec", NETNS]
# Programs that compare times should get the CPU when they want it.
FIRST = ["nice", "-n", "-15"]

table = []
points = 0


def point(holds, text):
    global points
    points += 1
    print(f"{'ok' if holds else 'not ok'} {points} - {text}")


def run(*command):
    env = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "S_TIME_FORMAT": "ISO"}
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout.decode()


def show(name, *more, prefix=(), interval="20ms"):
    answer = json.loads(run(*prefix, KTACH, "show", name, "--json", "--interval", interval, *more))
    return answer[name]


def together(commands):
    """Run them all at once; what each printed."""
    env = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "S_TIME_FORMAT": "ISO"}
    started = {name: subprocess.Popen(FIRST + list(c), env=env, stdout=subprocess.PIPE)
               for name, c in commands.items()}
    return {name: p.communicate()[0].decode() for name, p in started.items()}


class Differences:
    """Of one subject and tool: the largest counts."""

    def __init__(self, subject, tool, bound, unit):
        self.subject, self.tool, self.bound, self.unit = subject, tool, bound, unit
        self.largest, self.what, self.compared = 0.0, "-", 0

    def relative(self, what, ours, theirs, floor):
        """floor: what the tool's last digit, or one event, can make."""
        if ours is None:
            return self.note(what, float("inf"))
        apart = max(0.0, abs(ours - theirs) - floor)
        self.note(what, apart / max(abs(ours), abs(theirs), floor) * 100)

    def absolute(self, what, ours, theirs):
        self.note(what, abs(ours - theirs))

    def between(self, what, ours, before, after):
        outside = max(before - ours, ours - after, 0) if ours is not None else float("inf")
        self.note(what, outside)

    def note(self, what, difference):
        self.compared += 1
        if difference > self.largest:
            self.largest, self.what = difference, what

    def done(self):
        table.append(self)
        point(self.compared > 0 and self.largest <= self.bound,
              f"{self.subject} against {self.tool}: {self.compared} values, "
              f"largest difference {self.largest:.3g} {self.unit} ({self.what}), "
              f"at most {self.bound:g}")


# --- counters, bracketed ----------------------------------------------------
def disk_counters():
    """vmstat -d: operations, merged, sectors and ms, read and written."""
    for line in run("vmstat", "-d").splitlines():
        field = line.split()
        if field[0] == DISK:
            n = [int(v) for v in field[1:9]]
            return {"reads": n[0], "reads_merged": n[1], "read_bytes": n[2] * 512,
                    "read_ns": n[3] * 10**6, "writes": n[4], "writes_merged": n[5],
                    "written_bytes": n[6] * 512, "write_ns": n[7] * 10**6}
    raise SystemExit(f"vmstat -d does not know {DISK}")


def link_counters():
    stats = json.loads(run(*INSIDE, "ip", "-s", "-j", "link", "show", "net0"))[0]["stats64"]
    return {f"{side}_{ours}": stats[side][theirs] for side in ("rx", "tx")
            for ours, theirs in (("bytes", "bytes"), ("packets", "packets"),
                                 ("errors", "errors"), ("dropped", "dropped"))}


def system_counters():
    found = {}
    for line in run("vmstat", "-s").splitlines():
        number, _, name = line.strip().partition(" ")
        if name in ("interrupts", "CPU context switches", "forks"):
            found[{"CPU context switches": "context_switches"}.get(name, name)] = int(number)
    return found


def pressure_counters():
    found = {}
    for name in "cpu", "memory", "io":
        for line in open(f"/proc/pressure/{name}"):
            total = re.match(r"(some|full) .*total=(\d+)", line)
            found[f"{name}_{total[1]}_ns"] = int(total[2]) * 1000
    found.pop("cpu_full_ns", None)
    return found


def one(name, rows, **of):
    def read():
        found = show(name, *of.get("more", ()), prefix=of.get("prefix", ()))
        if not rows:
            return found
        return next(r for r in found[rows] if r["name"] == of["row"])
    return read


def bracket(subject, tool, counters, ours):
    d = Differences(subject, tool + ", bracketed", 0, "")
    for _ in range(3):
        before, now, after = counters(), ours(), counters()
        for name in before:
            d.between(name, now[name], before[name], after[name])
    d.done()


def memory():
    """What is free changes either way: between the two, or 1 % of all apart."""
    def free():
        field = run("free", "-b", "-w").splitlines()[1].split()
        return dict(zip(("total", "used", "free", "shared", "buffers", "cache", "available"),
                        map(int, field[1:])))
    d = Differences("memory", "free", 1.0, "% of memory")
    before, now, after = free(), show("memory"), free()
    ours = {name: now[name + "_bytes"] for name in ("total", "used", "free", "shared", "buffers",
                                                    "available")}
    ours["cache"] = now["cached_bytes"] + now["reclaimable_bytes"]
    for name, value in ours.items():
        low, high = sorted((before[name], after[name]))
        outside = max(low - value, value - high, 0)
        d.note(name, outside / before["total"] * 100)
    d.done()
    point(ours["total"] == before["total"], "memory: the total is free's to the byte")


# --- rates --------------------------------------------------------------------
def sysstat(text):
    return json.loads(text)["sysstat"]["hosts"][0]["statistics"][0]


def sar_rows(text):
    """Average lines, by their first column, as {title: number}."""
    titles, rows = [], {}
    for line in text.splitlines():
        field = line.split()
        if len(field) < 2:
            continue
        if field[-1].endswith("/s") or field[-1] == "%ifutil":
            titles = field[1:]
        elif field[0] != "Average:":
            continue
        elif re.match(r"-?[0-9.]+$", field[1]):
            rows[""] = dict(zip(titles, map(float, field[1:])))
        else:
            rows[field[1]] = dict(zip(titles[1:], map(float, field[2:])))
    return rows


def cpu(out):
    d = Differences("CPU", "mpstat", BOUND * 100, "points")
    ours = {str(c["cpu"]): c["share"] for c in json.loads(out["cpu"])["cpu"]["cpus"]}
    names = {"usr": "user", "nice": "nice", "sys": "system", "iowait": "iowait", "irq": "irq",
             "soft": "softirq", "steal": "steal", "idle": "idle"}
    for row in sysstat(out["mpstat"])["cpu-load"]:
        if row["cpu"] in ours:
            for theirs, name in names.items():
                d.absolute(f"CPU {row['cpu']} {name}", ours[row["cpu"]][name] * 100, row[theirs])
    d.done()


def softirqs(out):
    d = Differences("softirqs", "mpstat -I", BOUND * 100, "%")
    ours = {str(c["cpu"]): c["per_s"] for c in json.loads(out["softirq"])["softirq"]["cpus"]}
    for row in sysstat(out["mpstat"])["soft-interrupts"]:
        for vector in row["intr"]:
            name = vector["name"].lower()
            d.relative(f"CPU {row['cpu']} {name}", ours[row["cpu"]][name], vector["value"], 2)
    d.done()


def interrupts(out):
    d = Differences("interrupts", "mpstat -I", BOUND * 100, "%")
    sums = {}
    for row in sysstat(out["mpstat"])["individual-interrupts"]:
        for irq in row["intr"]:
            sums[irq["name"]] = sums.get(irq["name"], 0) + irq["value"]
    for row in json.loads(out["interrupts"])["interrupts"]["interrupts"]:
        name = row["symbol"]
        if name in sums:
            d.relative(name, row["count_per_s"], sums[name], 2)
    d.done()


def system(out):
    d = Differences("system", "sar -w, mpstat", BOUND * 100, "%")
    ours = json.loads(out["system"])["system"]
    theirs = sar_rows(out["sar -w"])[""]
    d.relative("context switches", ours["context_switches_per_s"], theirs["cswch/s"], 2)
    # The tools are begun one after the other: a score of forks, in the seconds of some.
    d.relative("forks", ours["forks_per_s"], theirs["proc/s"], 5)
    total = next(r for r in sysstat(out["mpstat"])["sum-interrupts"] if r["cpu"] == "all")
    d.relative("interrupts", ours["interrupts_per_s"], total["intr"], 2)
    d.done()


def disk(out):
    d = Differences("disk", "iostat -x", BOUND * 100, "%")
    ours = next(r for r in json.loads(out["disk"])["disk"]["disks"] if r["name"] == DISK)
    theirs = next(r for r in sysstat(out["iostat"])["disk"] if r["disk_device"] == DISK)
    for name, column, unit, floor in (
            ("reads_per_s", "r/s", 1, .5), ("writes_per_s", "w/s", 1, .5),
            ("read_bytes_per_s", "rkB/s", 1024, 4), ("written_bytes_per_s", "wkB/s", 1024, 4),
            ("reads_merged_per_s", "rrqm/s", 1, .5), ("writes_merged_per_s", "wrqm/s", 1, .5),
            ("flushes_per_s", "f/s", 1, .5), ("read_await_ns", "r_await", 10**6, .02),
            ("write_await_ns", "w_await", 10**6, .02), ("queue", "aqu-sz", 1, .02),
            ("busy", "util", .01, .2)):
        d.relative(name, ours[name] / unit, theirs[column], floor)
    d.done()


def link(out):
    d = Differences("interface", "sar -n DEV", BOUND * 100, "%")
    ours = next(r for r in json.loads(out["link"])["link"]["links"] if r["name"] == "net0")
    theirs = sar_rows(out["sar -n"])["net0"]
    for side in "rx", "tx":
        d.relative(side + " packets", ours[side + "_packets_per_s"], theirs[side + "pck/s"], 2)
        d.relative(side + " bytes", ours[side + "_bytes_per_s"] / 1024, theirs[side + "kB/s"], 2)
    d.done()


def load_pids():
    """Of the load's own: to go through all others takes pidstat a while."""
    found = []
    for line in run("ps", "-e", "-o", "pid=,comm=").splitlines():
        pid, name = line.split(None, 1)
        if name.startswith(("stress-ng", "fio", "iperf3")):
            found.append(pid)
    return found


def pidstat_shares(text):
    shares = {}
    for line in text.splitlines():
        field = line.split()
        # Average: UID PID %usr %system %guest %wait %CPU CPU Command
        if len(field) > 8 and field[0] == "Average:" and field[2].isdigit():
            shares[int(field[2])] = float(field[7])
    return shares


def top_processes(text):
    """The second screen: {pid: (share, resident KiB)}."""
    found = {}
    for line in text.split("\ntop - ")[-1].splitlines():
        field = line.split()
        if len(field) >= 12 and field[0].isdigit():
            size = field[5]
            unit = {"m": 1024, "g": 1 << 20}.get(size[-1], 1)
            found[int(field[0])] = float(field[8]), float(size.rstrip("mg")) * unit
    return found


def process(out):
    ours = {p["pid"]: p for p in json.loads(out["process"])["process"]["processes"]}
    pidstat, top = pidstat_shares(out["pidstat"]), top_processes(out["top"])
    a = Differences("process CPU", "pidstat", BOUND * 100, "points")
    b = Differences("process CPU", "top", BOUND * 100, "points")
    c = Differences("process memory", "top", 1.0, "%")
    # Those that ran throughout: what began or ended meanwhile is another's time.
    now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    for pid, p in ours.items():
        if now_ns - p["start_ns"] < (SECONDS + 2) * 10**9:
            continue
        if pid in pidstat:
            a.absolute(f"{p['name']} {pid}", p["cpu_share"] * 100, pidstat[pid])
        if pid in top:
            b.absolute(f"{p['name']} {pid}", p["cpu_share"] * 100, top[pid][0])
            # Memory of a steady process: others move between two looks.
            if p["name"].startswith("stress-ng"):
                c.relative(f"{p['name']} {pid}", p["rss_bytes"] / 1024, top[pid][1], 64)
    for d in a, b, c:
        d.done()


def main():
    interval, seconds = f"{SECONDS}s", str(SECONDS)
    disks = ["--disk-include", DISK]
    bracket("disk", "vmstat -d", disk_counters, one("disk", "disks", row=DISK, more=disks))
    bracket("interface", "ip -s", link_counters,
            one("link", "links", row="net0", prefix=INSIDE, more=["--link-include", "net0"]))
    bracket("system", "vmstat -s", system_counters, one("system", None))
    bracket("pressure", "/proc/pressure", pressure_counters, one("pressure", None))
    memory()

    def ktach(name, *more):
        return [KTACH, "show", name, "--json", "--interval", interval, *more]
    out = together({
        "mpstat": ["mpstat", "-P", "ALL", "-u", "-I", "ALL", "-o", "JSON", seconds, "1"],
        "cpu": ktach("cpu"), "softirq": ktach("softirq"), "system": ktach("system"),
        "interrupts": ktach("interrupts", "--interrupts-count", "100"),
        "sar -w": ["sar", "-w", seconds, "1"],
        "iostat": ["iostat", "-x", "-d", "-y", "-o", "JSON", seconds, "1"],
        "disk": ktach("disk", *disks),
        "sar -n": INSIDE + ["sar", "-n", "DEV", seconds, "1"],
        "link": INSIDE + ktach("link", "--link-include", "net0"),
        "pidstat": ["pidstat", "-u", "-p", ",".join(load_pids()), seconds, "1"],
        "top": ["top", "-b", "-w", "512", "-d", seconds, "-n", "2"],
        "process": ktach("process", "--process-count", "200"),
    })
    for compare in cpu, softirqs, interrupts, system, disk, link, process:
        compare(out)
    print(f"# {'subject':<15} {'against':<26} {'values':>6} {'largest':>9} {'bound':>6} unit, of what")
    for d in table:
        print(f"# {d.subject:<15} {d.tool:<26} {d.compared:>6} {d.largest:>9.3g} {d.bound:>6g} "
              f"{d.unit}, {d.what}")


main()
