# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what is served against the book. TAP lines.

book.py METRICS.MD BASE-URL KTACH SPEC: each name that docs/metrics.md has is in the
API's answer about the node "everything", in the history, in /metrics, in the CSV of
ktach and in what the page is built of; and each name of a row in docs/openapi.yaml is
one of the book.
"""
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import yaml

base = sys.argv[2]
NODE = "everything"


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"# {str(detail)[:900]}")


def get(path):
    try:
        with urllib.request.urlopen(base + path, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as answer:
        return json.dumps({"error": answer.code})


def names(cell):
    return re.findall(r"`([^`]*)`", cell)


class Section:
    def __init__(self, title):
        self.title, self.table, self.rows, self.entries, self.texts = title, None, None, [], []


def read_book(path):
    sections = []
    for line in open(path):
        if line.startswith("## "):
            sections.append(Section(line[3:].strip()))
        if line.startswith("Table `node`, the object"):
            sections[-1].table = "node"
        table = re.match(r"Table `(\w+)`, rows in `(\w+)`, told apart by `(\w+)`", line)
        if table:
            sections[-1].table, sections[-1].rows = table.group(1), table.group(2)
            sections[-1].texts = [table.group(3)] + names(line.partition("Texts:")[2])
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) >= 5 and cells[0] != "metric":
            sections[-1].entries.append((names(cells[0]), names(cells[1]), names(cells[-2])))
    return sections


book = read_book(sys.argv[1])
tables = {s.table: s for s in book if s.table}
ok(len(tables) > 10 and sum(len(s.entries) for s in book) > 200, "the book is read", [s.title for s in book])

# --- API
node = json.loads(get(f"/api/v1/nodes/{NODE}"))
OBJECTS = {"Memory": "memory", "Pressure": "pressure", "Load": "load", "System": "system", "Processes of all": "process",
           "More of memory": "meminfo", "Protocols and sockets": "protocol", "Limits of the kernel": "limit", "Keeping time": "timex"}
# Told by vector, in objects of their own.
VECTORS = {"softirq"}
for s in book:
    if s.table in tables and s.table != "node" and s.table not in VECTORS:
        row = node[s.table][s.rows][0]
        row = {**row, **(row.get("share") or {})}
        wanted = {n for _, members, _ in s.entries for n in members} | set(s.texts)
        # Of an interface's optional counters the newest only is kept: their growth is the history's.
        wanted -= {"exact_busy"} if s.table == "cpu" else set() # ktach's, and the history's
        missing = {n for n in wanted - set(row) if s.table != "net" or not n.endswith("_per_s")}
        ok(not missing, f"a row of {s.table} has all that the book says", missing)
    elif s.table == "node":
        wanted = {n for _, members, _ in s.entries for n in members}
        ok(wanted == set(node["shipper"]), "a node's shipper tells all of itself", wanted ^ set(node["shipper"]))
    elif s.title in OBJECTS:
        wanted = {n for _, members, _ in s.entries for n in members}
        ok(wanted <= set(node[OBJECTS[s.title]]), f"so has {OBJECTS[s.title]}", wanted - set(node[OBJECTS[s.title]]))

# --- history
listed = json.loads(get("/api/v1/metrics"))
known = {m["name"]: m for m in listed["history"]}
metrics = {m for s in book for ms, _, _ in s.entries for m in ms}
metrics -= {m["name"] for m in listed["live"]} - set(known)
ok(metrics == set(known), "the history's metrics are the book's", metrics ^ set(known))
wrong = []
for name, m in known.items():
    answer = json.loads(get(f"/api/v1/history?node={NODE}&metric={name}&from=-1m&step=1s"))
    values = [v for s in answer.get("series", []) for v in s["values"] if v is not None]
    # What is made of several depends on what these are.
    if "series" not in answer or (not values and (m["counter"] or m["unit"] in ("bytes", "ns", "Hz", "/s"))
                                  and "await" not in name and "joules" not in name and "free" not in name):
        wrong.append(name)
wrong = [n for n in wrong if n not in ("memory.used_bytes", "swap.used_bytes")]
ok(not wrong, "each has a history", wrong)

# --- /metrics
lines = get("/metrics?process=1&interrupt=1").splitlines()
found = {re.split(r"[{ ]", line)[0] for line in lines if line and line[0] != "#"}
wanted = {re.split(r"[{]", n)[0] for s in book for _, members, series in s.entries for n in series
          if s.table != "sensor" or "temp" in n}
MADE = {n for n in wanted if n.endswith(("_share", "_used_bytes", "_free_bytes", "_await_seconds", "_watts"))
        or n.startswith("ktach_shipper_")} # a shipper may leave them out
ok(wanted - MADE <= found, "/metrics has each series", wanted - MADE - found)
helped = {line.split()[2] for line in lines if line.startswith("# HELP")}
ok(wanted <= helped, "with its help", wanted - helped)
plain = get("/metrics")
ok("pid=" not in plain and "node_interrupts_total{" not in plain, "but nothing by process or interrupt unless asked")
ok(re.search(r"^ktach_node_series\{.*\} \d{3}", plain, re.M) is not None, "and how many series a node has")

# --- ktach, page
SUBJECTS = {"disk": "disk", "mount": "mount", "link": "link", "sensor": "sensor", "process": "process", "core": "core",
            "irq": "interrupts", "agent": "agent", "cgroup": "cgroup", "own": "own", "part": "part", "latency": "latency"}
page = get("/book.js")
for table, subject in SUBJECTS.items():
    s = tables[table]
    wanted = {n for _, members, _ in s.entries for n in members}
    titles = subprocess.run([sys.argv[3], "show", subject, "--csv", "--interval", "10ms"], capture_output=True,
                            text=True).stdout.splitlines()[0].split(",")
    ok(wanted | set(s.texts) <= set(titles), f"ktach show {subject} has all of {table}", wanted - set(titles))
    ok(all(f'"{n}":' in page for n in wanted), f"so has the page of {table}")

# --- openapi.yaml
schemas = yaml.safe_load(open(sys.argv[4]))["components"]["schemas"]
ROWS = {"Disk": "disk", "Mount": "mount", "Link": "link", "Sensor": "sensor", "Process": "process", "Core": "core",
        "Interrupt": "irq", "Agent": "agent", "Cgroup": "cgroup", "Own": "own", "Part": "part", "Latency": "latency"}
MORE = {"stacked", "symbol", "unit"} # told of rows beside
for name, table in ROWS.items():
    s = tables[table]
    described = set(schemas[name].get("required", [])) | set(schemas[name].get("properties", {}))
    there = {n for _, members, _ in s.entries for n in members} | set(s.texts) | MORE
    ok(described <= there, f"openapi.yaml describes {name} by the book", described - there)
for name in "Memory", "Pressure", "Load", "System", "Shipper":
    s = next(s for s in book if s.title == name)
    described = set(schemas[name]["required"]) | set(schemas[name].get("properties", {}))
    there = {n for _, members, _ in s.entries for n in members}
    ok(described <= there, f"openapi.yaml describes {name} by the book", described - there)
