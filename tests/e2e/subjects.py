# SPDX-License-Identifier: GPL-2.0-or-later
"""subjects.py SUBJECT TEXT CSV JSON: what 'ktach show SUBJECT' says in each form, as
files, of a host on which nothing changes: CSV has the titles and values of JSON, and
text the same rows, with numbers that are theirs. Prints what is not so."""
import csv
import json
import re
import sys

HEAD = {"origin", "real_ns", "mono_ns", "interval_ns", "sample", "lost", "missed"}
# Lines of text by the member that they tell.
LINES = {
    "memory": {"total": "total_bytes", "used": "used_bytes", "available": "available_bytes", "free": "free_bytes",
               "buffers": "buffers_bytes", "cached": "cached_bytes", "slab": "slab_bytes", "shared": "shared_bytes",
               "dirty": "dirty_bytes", "writeback": "writeback_bytes", "swap total": "swap_total_bytes",
               "swap free": "swap_free_bytes", "swap used": "swap_used_bytes", "reclaimable": "reclaimable_bytes"},
    "system": {"tasks running": "tasks_running", "tasks blocked": "tasks_blocked"},
    "pressure": {"CPU, some": "cpu_some_10s", "memory, some": "memory_some_10s", "memory, full": "memory_full_10s",
                 "I/O, some": "io_some_10s", "I/O, full": "io_full_10s"},
}
# Columns of text, which end below the end of their title.
COLUMNS = {
    "core": {"CPU": "cpu", "MHz": "hz", " dropped ": "dropped", "squeezed": "squeezed"},
    "interrupts": {"since boot": "count"},
    "mount": {"size": "size_bytes", "  used ": "used_bytes", "avail": "available_bytes"},
    "sensor": {"now": "value", "max": "max", "critical": "critical"},
    "disk": {"queue": "queue"},
}
PREFIXES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
# A title may have the unit: %, ms, MHz.
HIDDEN = (1, 1e-2, 1e6, 1e-6)
NUMBER = re.compile(r"(?<!\S)(-?\d+(?:\.(\d+))?)(?: ?([kKMGT]i?))?(?:B|C|V|W|J|A|rpm)?(?= |$)")

faults = []


def expect(fine, what):
    if not fine:
        faults.append(what)


def rows_of(part):
    lists = [v for v in part.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return lists[0] if lists else [{k: v for k, v in part.items() if k not in HEAD}]


def same(cell, value, tolerance):
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == str(int(value))
    if isinstance(value, list):
        return cell.split() == value
    if isinstance(value, str):
        return cell == value
    return cell != "" and abs(float(cell) - value) <= tolerance * abs(value)


def check_csv(lines, rows, tolerance):
    titles = lines[0]
    expect(titles[:2] == ["real_ns", "origin"], f"CSV begins with {titles[:2]}")
    expect(titles[2:] == list(rows[0]), f"CSV's titles {titles[2:]} are not JSON's members {list(rows[0])}")
    expect(len(lines) - 1 == len(rows), f"CSV has {len(lines) - 1} rows, JSON {len(rows)}")
    for line, row in zip(lines[1:], rows):
        expect(len(line) == len(titles), f"{len(line)} cells below {len(titles)} titles")
        for title, cell in zip(titles[2:], line[2:]):
            expect(same(cell, row.get(title), tolerance), f"{title}: CSV '{cell}', JSON {row.get(title)!r}")


def numbers(line):
    """Value and what rounding may have changed of each number of a line of text."""
    for m in NUMBER.finditer(line):
        factor = PREFIXES[m[3] or ""]
        yield float(m[1]) * factor, 0.51 * factor * 10 ** -len(m[2] or "")


def told(value, error, known, tolerance):
    return any(abs(value * scale - k) <= error * scale + tolerance * abs(k) for k in known for scale in HIDDEN)


def check_text(lines, rows, tolerance):
    """A row tells its own numbers, in the order of JSON."""
    expect(len(lines) == len(rows), f"text has {len(lines)} rows, JSON {len(rows)}")
    for line, row in zip(lines, rows):
        name = next((v for v in row.values() if isinstance(v, str) and v), None)
        expect(name is None or name in line, f"'{line}' is not of {name}")
        known = [v for v in row.values() if isinstance(v, (int, float)) and not isinstance(v, bool)] + [0]
        known += [a - b for a in known for b in known if 0 < b < a] if "inodes" in row else []
        for text in (v for v in row.values() if isinstance(v, str) and v):
            line = line.replace(text, " ")
        for value, error in numbers(re.sub(r"\S*[/:]\S*", " ", line)):
            expect(told(value, error, known, tolerance), f"{value:g} of '{line.strip()}' is no value of {row}")


def check_columns(title, lines, rows, members):
    for label, member in members.items():
        end = title.rfind(label) + len(label.rstrip())
        expect(label in title, f"text has no title '{label}'")
        for line, row in zip(lines, rows):
            found = list(numbers(line[:end]))
            if row[member] is None or not found:
                expect(row[member] is None and line[:end].endswith("-"), f"no {member} in '{line}'")
            else:
                expect(told(*found[-1], [row[member]], 0.01), f"'{line}' ends {label} with {found[-1][0]:g}, not {row[member]}")


def check_lines(lines, part, names):
    for label, member in names.items():
        line = next((x for x in lines if x.startswith(label + "  ")), None)
        expect(line is not None, f"text has no line '{label}'")
        value, error = next(numbers(line[len(label):]), (None, 0)) if line else (None, 0)
        expect(value is None or told(value, error, [part[member]], 0), f"'{line}', but {member} is {part[member]}")
        expect(value is not None or not line, f"'{line}' has no number")


def main(subject, text, table, document):
    with open(document) as f:
        part = json.load(f)[subject]
    with open(table, newline="") as f:
        cells = list(csv.reader(f))
    with open(text) as f:
        lines = [x.rstrip("\n") for x in f if not x.startswith("from ")]
    tolerance = 0.01 if subject == "mount" else 1e-9  # of the real disk below it
    if subject == "facts":
        facts = {k: v for k, v in part.items() if k not in HEAD and v is not None}
        for _, _, name, value in cells[1:]:
            expect(name in facts or name + "es" in facts, f"JSON has no {name}")
            expect(name not in facts or str(facts[name]) == value, f"{name}: CSV '{value}', JSON {facts.get(name)!r}")
    else:
        check_csv(cells, rows_of(part), tolerance)
    if subject in LINES:
        check_lines(lines, part, LINES[subject])
    elif subject not in ("facts", "process"):
        check_text(lines[1:], rows_of(part), tolerance)
        check_columns(lines[0], lines[1:], rows_of(part), COLUMNS[subject])
    print("\n".join(faults[:10]))
    return bool(faults)


sys.exit(main(*sys.argv[1:]))
