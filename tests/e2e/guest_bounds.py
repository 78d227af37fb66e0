# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: guest_bounds.py CONSOLE DATABASE

Hold what the guest's /proc said before and after (its console) against what
arrived in SQLite in between. Prints "STATUS|point|note" lines.
"""
import re
import sqlite3
import sys

TICK_NS = 10_000_000  # USER_HZ, the unit of /proc/stat
SLACK_NS = 14_000_000  # that, and a tick of the kernel's (HZ=250)
STATES = "user nice system idle iowait irq softirq steal guest guest_nice".split()
VECTORS = "HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU".split()
RING, BPF, PROC = 'ring', 'bpf', 'proc'


def point(good, text, note=""):
    print(f"{0 if good else 1}|{text}|{note}")


def read_console(path):
    """Marks, times by CPU, softirqs by vector: of "before" and "after"."""
    marks, times, irqs = {}, {}, {}
    for line in open(path, errors="replace"):
        m = re.match(r"@(\w+) (\S+) ?(.*)", line)
        if not m:
            continue
        tag, what, rest = m.groups()
        numbers = [int(x) for x in re.findall(r"\d+", rest)]
        if re.fullmatch(r"cpu\d+", what):
            times.setdefault(tag, {})[int(what[3:])] = [n * TICK_NS for n in numbers]
        elif what == "softirq":
            irqs.setdefault(tag, {})[rest.split(":")[0]] = numbers
        elif what.isdigit():
            marks[tag] = int(what) * 10**9
    return marks, times, irqs


def between(db, table, columns, marks):
    """Samples after the second of the first mark and before that of the second."""
    return db.execute(
        f"select cpu, {','.join(columns)} from {table} where real_ns between ? and ?",
        (marks["before"] + 10**9, marks["after"])).fetchall()


marks, times, irqs = read_console(sys.argv[1])
db = sqlite3.connect(sys.argv[2])

rows = between(db, "cpu", [s + "_ns" for s in STATES], marks)
bad = [(cpu, state, times["before"][cpu][i], got[i], times["after"][cpu][i])
       for cpu, *got in rows for i, state in enumerate(STATES)
       if not times["before"][cpu][i] - SLACK_NS <= got[i] <= times["after"][cpu][i] + SLACK_NS]
point(len(rows) >= 6 and not bad, "cpu times in SQLite lie between the guest's own",
      f"{len(rows)} rows, outside: {bad[:3]}")
busy_ns = sum(times["after"][cpu][0] - times["before"][cpu][0] for cpu in times["before"])
point(busy_ns > 10**9, "the guest was under load meanwhile", f"{busy_ns} ns")

rows = between(db, "softirq", [v.lower() for v in VECTORS], marks)
bad = [(cpu, vector, irqs["before"][vector][cpu], got[i], irqs["after"][vector][cpu])
       for cpu, *got in rows for i, vector in enumerate(VECTORS)
       if not irqs["before"][vector][cpu] <= got[i] <= irqs["after"][vector][cpu]]
point(len(rows) >= 6 and not bad, "softirq counts in SQLite lie between the guest's own",
      f"{len(rows)} rows, outside: {bad[:3]}")

steps = [r[0] for r in db.execute(
    "select real_ns - lag(real_ns) over (order by real_ns) from cpu "
    "where cpu = 0 and real_ns < ?", (marks["unload"],)) if r[0]]
point(len(steps) > 8 and all(0.1e9 < s < 1.9e9 for s in steps),
      "a sample a second, none missing, none twice", steps)

origins = [r[0] for r in db.execute("select origin from cpu where cpu = 0 order by real_ns")]
runs = [o for i, o in enumerate(origins) if i == 0 or origins[i - 1] != o]
point(runs in ([RING, PROC, BPF, RING], [RING, BPF, RING]), "the shipper went from the module's ring to that of BPF and back", runs)

packets = db.execute("select max(rx_packets), max(tx_packets) from net where name = 'eth0'").fetchone()
point(None not in packets and min(packets) >= 8, "packets of the guest's interface were counted", packets)

# timing=1: between two samples a CPU was busy or idle as long as the clock went.
rows = db.execute(
    "select cpu, mono_ns, exact_busy_ns + exact_idle_ns, exact_busy_ns from cpu "
    "where real_ns between ? and ? order by cpu, mono_ns",
    (marks["before"] + 10**9, marks["after"])).fetchall()
off = [abs((c - z) - (b - y)) for (a, b, c, _), (x, y, z, _) in zip(rows[1:], rows) if a == x]
point(len(off) >= 4 and max(off) < 10**6, "exact busy and idle times make up the clock's", off)
busy_ns = sum(max(r[3] for r in rows if r[0] == c) - min(r[3] for r in rows if r[0] == c)
              for c in {r[0] for r in rows})
point(busy_ns > 10**9, "the exact times tell of the load, too", busy_ns)
last = db.execute("select max(timer_time_ns), max(timer_max_ns), max(timer_max_at_ns), max(mono_ns) "
                  "from softirq where real_ns < ?", (marks["unload"],)).fetchone()
point(None not in last and 0 < last[1] <= last[0] and last[1] < last[2] <= last[3],
      "softirqs have exact times, their longest run and when it was", last)
plain = db.execute("select count(*), count(nullif(exact_busy_ns, '')) from cpu where real_ns > ? and origin <> ?",
                   (marks["unload"] + 10**9, RING)).fetchone()
point(plain[0] > 0 and plain[1] == 0, "nobody else has them, unless asked", plain)
