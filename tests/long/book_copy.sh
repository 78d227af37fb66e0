#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Time limit: 900 s
# A column, a value with a name and a figure that are added to a copy of the book are
# in wire, API, history, /metrics, ktach, page and docs, and nothing else is edited.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
copy=$B/book-copy
trap 'rm -rf "$copy"' EXIT

rm -rf "$copy"
mkdir -p "$copy"
tar -c --warning=no-file-changed --warning=no-file-removed --exclude="./$copy" --exclude="./$B/mutants" \
	--exclude="./$B/test" --exclude=./.git . | tar -x -C "$copy"
python3 - "$copy/tables/tables.def" <<'END'
import sys
text = open(sys.argv[1]).read()


def insert(before, line):
    global text
    assert text.count(before) == 1, before
    text = text.replace(before, line + "\n" + before)


insert('TEXT(DISK, NAME, name,', 'COLUMN(DISK, TESTED_BYTES, tested_bytes, COUNTER, BYTES, OWN, "tested", "ktach_disk_tested_bytes", "Bytes tested")')
insert('TABLE_END(DISK)', 'FIGURE(DISK, tested, SHARE, MAX, "tested", "ktach_disk_tested_share", "Share tested", formula_time_share, RISES(DISK_BUSY_NS))')
insert('/* Since boot. */\nCOUNTER(', 'GAUGE(MEMORY_TESTED_BYTES, MEMORY, memory_tested_bytes, BYTES, "tested", "ktach_memory_tested_bytes", "Memory tested")')
open(sys.argv[1], "w").write(text)
END
ok $? "the copy's book has three more entries"
check "the copy builds" into "$copy/log" make -C "$copy" B="$B" programs "$B/tests/e2e/everything" docs
tail -n 3 "$copy/log" | sed 's/^/# /'
for name in disk.tested_bytes disk.tested memory_tested_bytes ktach_disk_tested_bytes_total; do
	check "docs/metrics.md has $name" grep -q "\`$name\`" "$copy/docs/metrics.md"
done
(cd "$copy" && B=$B BOOK_MORE='(.disk.disks[0] | .tested_bytes > 0 and .tested != null) and .memory.tested_bytes > 0' \
	tests/run tests/e2e/book_test.sh) >"$copy/log" 2>&1
ok $? "everybody tells of them" "$copy/log"
grep -E 'not ok|passed' "$copy/log" | sed 's/^/# /'
done_testing
