#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 'ktach show SUBJECT' as text, CSV and JSON, of a host of files on which nothing
# changes: the same titles, rows and values.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests/host/trees.sh server "$work/host" >/dev/null || exit 1
here=(--proc-root "$work/host/proc" --sys-root "$work/host/sys" --root "$work/host/root")

# show SUBJECT FORM: it goes to a file.
show() {
	"$B/bin/ktach" show "$1" ${2:+"--$2"} "${here[@]}" --interval 50ms >"$work/$1.${2:-text}" 2>>"$work/err"
}

for subject in disk mount sensor process memory pressure system core interrupts facts; do
	for form in "" csv json; do
		show $subject $form &
	done
	wait
	check "$subject: text, CSV and JSON say the same" \
		python3 tests/e2e/subjects.py $subject "$work/$subject.text" "$work/$subject.csv" "$work/$subject.json"
done
done_testing
