# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what ktach tells of machines against what the collector does. TAP lines.

agree.py BASE-URL KTACH METRICS.MD TREE...: each TREE/NAME is a machine that does not
change, of which a node NAME is told of. What one knows the others know, and as the same:
ktach's JSON and CSV, the API, /metrics. What is not known is null, an empty cell, no series.
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

said = threading.local()
base, ktach, book = sys.argv[1:4]
# What a subject of ktach is called in the API, its rows, and what tells them apart.
SUBJECTS = {
    "mem": ("memory", None, None), "load": ("load", None, None), "pressure": ("pressure", None, None),
    "system": ("system", None, None), "process": ("process", "processes", "pid"), "disk": ("disk", "disks", "device"),
    "mount": ("mount", "mounts", "mount"), "sensor": ("sensor", "sensors", "sensor"), "core": ("core", "cores", "cpu"),
    "interrupts": ("irq", "interrupts", "irq"), "cpu": ("cpu", "cpus", "cpu"), "softirq": ("softirq", "cpus", "cpu"),
    "facts": ("facts", None, None),
}
# When it was, and what goes on while the test runs: file systems and our own cost.
SPAN = {"origin", "real_ns", "mono_ns", "interval_ns", "window_ns", "sample", "lost", "missed", "uptime_ns"}
MOVES = {"used_bytes", "available_bytes", "used", "inodes_free", "inodes_used"}
# What goes on while the test runs, and what the API has in another object.
ELSEWHERE = {"mount": MOVES, "process": {"exits", "cpu_share"}, "load": {"tasks_running"}, "facts": {"version"}}


def ok(good, text, detail=""):
    """A point; those of a machine are printed together."""
    said.points.append(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        said.points.append(f"# {str(detail)[:1500]}")


def get(path):
    with urllib.request.urlopen(base + path, timeout=10) as answer:
        return answer.read().decode()


def show(tree, subject, form):
    interval = "400ms" if subject in ("sensor", "mount") else "50ms"
    roots = [f"--{o}={tree}/{d}" for o, d in (("proc-root", "proc"), ("sys-root", "sys"), ("root", "root"))]
    return subprocess.run([ktach, "show", *([subject] if subject else []), form, "--from=proc", "--interval", interval,
                           "--interrupts-count=100", *roots], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def flat(row, rates):
    """Of objects in a row, too; without rates, which both have their own moments for."""
    row = {**row, **{n: v for o in (row.get("share"), row.get("count")) if isinstance(o, dict) for n, v in o.items()}}
    return {n: v for n, v in row.items() if not isinstance(v, (dict, list)) and n not in SPAN and (rates or not n.endswith("_per_s"))}


def same(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
        return abs(a - b) <= 1e-5 * max(1, abs(a))
    return a == b


def differences(ours, theirs, skip, subject):
    """Of members that either has: both have them, and know the same. CPUs are figures of
    an interval to ktach, and counts since boot, too, to the API."""
    names = set(ours) & set(theirs) if subject in ("cpu", "softirq") else set(ours) | set(theirs)
    for name in sorted(names - skip):
        if name not in ours or name not in theirs:
            yield name, ours.get(name, "is not there"), theirs.get(name, "is not there")
        elif not same(ours[name], theirs[name]):
            yield name, ours[name], theirs[name]


def by_key(section, rows, key):
    return {row[key]: flat(row, False) for row in (section or {}).get(rows) or []}


def cells_differ(row, line):
    """A line of CSV, and its row in JSON."""
    for name, cell in line.items():
        if name in SPAN or name not in row or name in MOVES or name.endswith("_per_s"):
            continue
        value = row[name]
        text = "" if value is None else str(int(value)) if isinstance(value, bool) else value
        if isinstance(text, (int, float)):
            if not cell or not same(float(cell), text):
                yield name, cell, value
        elif cell != text:
            yield name, cell, value


def series_of_book():
    """Of single values of a node: (member, series), with what is divided for Prometheus."""
    section = ""
    for line in open(book):
        if line.startswith("## "):
            section = line[3:].strip()
        cells = [c.strip() for c in line.strip().strip("|").split(" | ")]
        members, series = (re.findall(r"`([^`]*)`", cells[i]) if len(cells) == 5 else [] for i in (1, 3))
        if section in ("Load", "Memory", "Pressure", "System") and members and series and "{" not in series[0]:
            yield section.lower(), members[0], series[0], cells[2]


def look_at(tree):
    said.points = []
    name = os.path.basename(tree)
    node = json.loads(get(f"/api/v1/nodes/{name}"))
    lines = [line for line in get("/metrics").splitlines() if f'instance="{name}"' in line]
    for subject, (section, rows, key) in SUBJECTS.items():
        text = show(tree, subject, "--json")
        answer = json.loads(text) if text else {}
        told = answer.get({"mem": "memory"}.get(subject, subject))
        skip = ELSEWHERE.get(subject, set())
        if told is None or node.get(section) is None:
            empty = all(v is None for n, v in flat(told or node.get(section) or {}, False).items()) and \
                not (rows and (told or node.get(section) or {}).get(rows))
            ok(empty, f"{name}: {subject} is not known to one, nor to the other", (told, node.get(section)))
            continue
        if text:
            ok(answer["host"] == (node["facts"] or {}).get("host_name"), f"{name}: {subject} is of that host", answer["host"])
        found = list(differences(flat(told, False), flat(node[section], False), skip, subject))
        if rows:
            ours, theirs = by_key(told, rows, key), by_key(node[section], rows, key)
            found += [(k, "rows", k in ours, k in theirs) for k in set(ours) ^ set(theirs)]
            found += [(k, *d) for k in set(ours) & set(theirs) for d in differences(ours[k], theirs[k], skip, subject)]
        ok(not found, f"{name}: ktach and the API tell the same of {subject}", found)
        if subject == "facts":
            continue
        table = list(csv.DictReader(io.StringIO(show(tree, subject, "--csv"))))
        mine = by_key(told, rows, key) if rows else {"": flat(told, False)}
        found = []
        for line in table:
            at = line.get(key, "") if rows else ""
            row = mine.get(int(at) if at.isdigit() else at)
            found += [(at, *d) for d in cells_differ(row, line)] if row else []
        ok(table and not found, f"{name}: so does its CSV", found or "nothing")
    sections = json.loads(show(tree, "", "--json"))
    for section, ours in ((n, sections[n]) for n in ("memory", "load") if n in sections):
        theirs = {**(node["system"] or {}), **(node[section] or {})}
        found = list(differences(flat(ours, False), {n: theirs.get(n) for n in flat(ours, False)}, set(), section))
        ok(not found, f"{name}: of its {section} in short, too", found)
    for section, member, series, unit in series_of_book():
        value = (node.get(section) or {}).get(member)
        got = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(series + "{")]
        want = [] if value is None else [value / 1e9 if unit.startswith("ns") else value]
        if len(got) != len(want) or any(not same(a, b) for a, b in zip(got, want)):
            ok(False, f"{name}: {series} is what the API says", (got, want))
    ok(True, f"{name}: /metrics were looked at")
    return said.points


with ThreadPoolExecutor(4) as pool:
    for machine in pool.map(look_at, sys.argv[4:]):
        print("\n".join(machine))
