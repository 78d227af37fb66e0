#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: coverage.sh FOLDER, one in which run.sh --coverage has run
# Print which share of the lines of kmod/ was run, file by file and in all, and
# what was not. A file that is part of several modules counts once: a line was
# run if it was in one of them. Fails below the bar.
set -eu
out=$1
bar=90
gcov=$out/gcov
mkdir -p "$gcov"
cd "$gcov"
# A module's counters lie where its objects were built, below the guest's root.
find "$out/root/tmp/gcov" -name '*.gcda' | while read -r data; do
	object=${data#"$out/root/tmp/gcov"}
	cp "$data" "$object"
	"${GCOV:-gcov}" --json-format --stdout "${object%.gcda}.o" 2>>"$gcov/log"
done >all.json
python3 - "$out/src/" "$bar" <<'PY'
import json, sys, glob, os
src, bar = sys.argv[1], int(sys.argv[2])
hits = {}
for line in open("all.json"):
    for file in json.loads(line)["files"]:
        name = os.path.normpath(os.path.join(src, file["file"]))
        if name.startswith(src + "kmod/"):
            lines = hits.setdefault(name[len(src):], {})
            for l in file["lines"]:
                lines[l["line_number"]] = lines.get(l["line_number"], 0) + l["count"]
# A file that no counter speaks of would leave the sum unnoticed.
missing = [f for f in glob.glob(src + "kmod/*/*.c") if f[len(src):] not in hits]
run = total = 0
for name in sorted(hits):
    good = sum(1 for n in hits[name].values() if n)
    run, total = run + good, total + len(hits[name])
    print("# %6.1f %%  %4d of %4d  %s" % (100 * good / len(hits[name]), good, len(hits[name]), name))
    idle = sorted(n for n in hits[name] if not hits[name][n])
    if idle:
        print("#            not run: " + " ".join(map(str, idle)))
for name in missing:
    print("# no counters: " + name[len(src):])
share = 100 * run / total if total and not missing else 0
good = share >= bar
print("# %6.1f %%  %4d of %4d  in all" % (share, run, total))
print("BAR kunit_coverage %.1f %d %s" % (share, bar, "ok" if good else "short"))
sys.exit(0 if good else 1)
PY
