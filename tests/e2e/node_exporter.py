# SPDX-License-Identifier: GPL-2.0-or-later
"""node_exporter.py FOLDER: what node_exporter and ktach say of one host in one moment, as
texts for Prometheus: FOLDER/N.before, N.ours, N.after of one or more rounds; node_exporter
was asked before and after. A series that both have by one name and its labels is the same,
or between both of its values: so it is of all of a family in one round at least, as what is
no counter may rise and fall meanwhile. Prints TAP, a point for each family that both have;
the exit status says whether all are."""
import glob
import re
import sys

LINE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
# Of the one who is asked, or of the moment.
OWN = re.compile(r"node_(exporter|scrape|textfile)_|node_time_seconds|node_procs_running|node_load")
# How far apart both may be: a share of it, for what may have been more or less in between;
# and a step, of what is counted by ticks, or of what many do at once.
SHARE = {"node_memory": 0.02, "node_filesystem": 0.01, "node_sockstat": 0.5, "node_filefd": 0.2, "node_processes": 0.2,
         "node_cpu_scaling": 1}
STEP = {"node_memory": 4 << 20, "node_filesystem": 16 << 20, "node_sockstat": 20, "node_netstat_Tcp_CurrEstab": 20,
        "node_disk_io_now": 20, "node_procs_blocked": 10,
        "node_cpu_seconds": 0.02, "node_cpu_guest": 0.02, "node_disk": 0.002, "node_pressure": 0.001, "node_boot": 1}


def series(path):
    found = {}
    with open(path) as f:
        for line in f:
            m = LINE.match(line.rstrip("\n"))
            if m and m[1].startswith("node_"):
                labels = {k: v for k, v in LABEL.findall(m[2] or "") if k not in ("instance", "node_id")}
                found[m[1], frozenset(labels.items())] = float(m[3])
    return found


def of(table, name, otherwise):
    return next((v for k, v in table.items() if name.startswith(k)), otherwise)


def compare(before, ours, after):
    """By family: how many series both have, and those that are not the same."""
    counts, faults = {}, {}
    for key, value in ours.items():
        name, labels = key
        if key not in before or key not in after or OWN.match(name):
            continue
        low, high = sorted((before[key], after[key]))
        slack = of(SHARE, name, 0) * max(abs(low), abs(high), 1) + of(STEP, name, 0) + abs(high) * 1e-6
        counts[name] = counts.get(name, 0) + 1
        if not low - slack <= value <= high + slack:
            faults.setdefault(name, []).append(f"{dict(labels)}: {low:.15g} <= {value:.15g} <= {high:.15g}")
    return counts, faults


def main(folder):
    rounds = [compare(*(series(f"{path[:-4]}{which}") for which in ("before", "ours", "after")))
              for path in glob.glob(f"{folder}/*.ours")]
    bad = 0
    for name in sorted(set().union(*(counts for counts, _ in rounds))):
        faults = min((f.get(name, []) for c, f in rounds if name in c), key=len)
        bad += bool(faults)
        print(f"{'not ' if faults else ''}ok - {name}: {max(c.get(name, 0) for c, _ in rounds)} series are node_exporter's")
        for fault in faults[:3]:
            print(f"# {fault}")
    return bool(bad)


sys.exit(main(sys.argv[1]))
