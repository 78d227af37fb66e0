#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 'ktach top' in terminals of several sizes: its pages, their rows sorted, filtered and
# looked at; and rows of 'ktach show' sorted by any of their values.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
command -v tmux >/dev/null || skip_all "tmux is not installed"
. tests/e2e/collector.sh
. tests/e2e/tmux.sh
ktach=$(realpath "$B/bin/ktach")

# One that is always among the busiest, by a name of its own.
cp "$(command -v yes)" "$work/ktzeal$$"
background zeal.log "$work/ktzeal$$" >/dev/null
zeal=$!

soon() { wait_for 60 "$@"; }

# --- rows of a subject
check "rows are sorted by what is asked for" "$ktach" show process --sort rss_bytes --rows 3 --json --interval 100ms
"$ktach" show process --sort rss_bytes --rows 3 --json --interval 100ms >"$work/rows.json"
check "the largest first, and no more than asked for" jq -e '.process.processes | length == 3 and (map(.rss_bytes) | . == (sort | reverse))' "$work/rows.json"
"$ktach" show process --sort name --csv --interval 100ms | cut -d, -f3 | tail -n +2 >"$work/names"
check "texts as a dictionary has them" eval 'LC_ALL=C sort -f -c "$work/names"'
"$ktach" show process --sort nothing >/dev/null 2>"$work/wrong"
is $? 2 "a value that rows do not have is refused"
check "and those that they have are named" grep -q 'rss_bytes' "$work/wrong"
"$ktach" show pressure --sort rss_bytes >/dev/null 2>"$work/wrong"
is $? 2 "as is any for a subject without rows"

# --- the pages, at 80x24
terminal 80 24 "'$ktach' top --interval 300ms"
check "80x24: all of the host first" soon shows '^cpu .* % busy'
keys Tab
check "80x24: Tab leads to the processes" soon shows "^ +$zeal .* ktzeal$$"
check "80x24: no line is wider" test "$(widest)" -le 80
keys / k t z e a l Enter
check "80x24: a filter leaves what it is like" soon eval 'shows "filter: ktzeal" && [ "$(screen | grep -c "^ *[0-9]* .* [RSDIZ] ")" = 1 ]'
keys Enter
check "80x24: Enter tells all of a row" soon shows "^start_ns "
check "80x24: with its number" shows "^pid +$zeal"
keys Enter
check "80x24: and Enter leads back" soon shows "^ +$zeal .* ktzeal$$"
keys Escape
check "80x24: Escape takes the filter away" soon eval '! shows filter:'
pids_of() { screen | sed -n '4,15s/^ *\([0-9]\+\) .*/\1/p'; }
keys '>'
check "80x24: > sorts by the first column" soon eval 'pids_of >"$work/pids"; [ "$(wc -l <"$work/pids")" -gt 2 ] && sort -nrc "$work/pids"'
keys r
check "80x24: r the other way round" soon eval 'pids_of >"$work/pids"; [ "$(wc -l <"$work/pids")" -gt 2 ] && sort -nc "$work/pids"'
for page in 2:'^disk ' 3:'^mounted on' 4:'time lost' 5:'^interface +state' 6:'sensor'; do
	keys "${page%%:*}"
	check "80x24: ${page%%:*} leads to '${page#*:}'" soon shows "${page#*:}"
done
keys 0
check "80x24: 0 leads back to all" soon shows '^cpu .* % busy'
keys 1
check "80x24: a number leads to a page" soon shows "ktzeal$$"
keys p
check "80x24: p pauses there, too" soon shows PAUSED

# --- other sizes
for size in 40:12 120:30 200:50 300:80; do
	columns=${size%:*} rows=${size#*:}
	resize "$columns" "$rows"
	check "${columns}x$rows: the keys stand in the last line" soon eval '[ "$(screen | sed -n "${rows}p" | grep -c "^q quit")" = 1 ]'
	check "${columns}x$rows: no line is wider" test "$(widest)" -le "$columns"
done
keys p 0
check "300x80: processes, pressure and mounts have room below the rest" soon eval 'shows "^ +$zeal .* ktzeal" && shows "time lost" && shows "^mounted on"'
resize 80 24
check "80x24: then they have none again" soon eval '! shows "time lost"'
keys q
wait_for 60 test -s "$work/status"
is "$(cat "$work/status")" 0 "q ends it"
terminal_end
done_testing
