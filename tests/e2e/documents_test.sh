#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands that the documents name are commands: programs, their options, targets of
# make, units and files of the tree. packages_test.sh runs what installs and enrols.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for document in README.md docs/admin.md docs/fleet.md docs/agents.md docs/alarms.md; do
	said=$(python3 tests/e2e/documents.py "$B" "$document")
	is "$(sed '$d' <<<"$said")" "" "$document: its commands are there"
	check "$document: there are some" test "$(tail -n 1 <<<"$said")" -ge 4
done
# What is wrong would be found.
cat >"$work/wrong.md" <<'END'
    ktach-shipper --colector x | ktach-collector keys --out y
    make nonsense && systemctl restart ktach-nothing
Say `ktach-collector token --nam x`.
    cp deploy/nowhere/x /etc
    ktach-collector key --fleet f --node $(ssh NODE ktach-shipper --make-idd) |
        ssh NODE 'umask 077; ktach-agentd --wrong'
END
is "$(python3 tests/e2e/documents.py "$B" "$work/wrong.md" | grep -c 'there is no\|has no')" 8 "eight wrong ones are found"
done_testing
