#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bits flip in what collector and shipper have on disk: tests/long/bits.py, ROUNDS (2,
# with DAMAGE=1 20) in each place. Nothing is there twice or with another value, nothing
# is missing that nobody tells of, and every program can be started again.
# Waits mostly
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
rounds=${ROUNDS:-${DAMAGE:+20}}
rounds=${rounds:-2}
# sum_of RESULT
sum_of() { sed -n "s/^sum .* $1 \([0-9]*\).*/\1/p" "$work/out"; }
for place in database log running spool lock session node-id; do
	work=$(mktemp -d)
	python3 tests/long/bits.py "$B" "$work" "$place" "$rounds" >"$work/out" 2>"$work/err"
	ok $? "$place: $(grep '^sum' "$work/out" || tail -n 1 "$work/err")" "$work/err"
	for result in silent doubled wrong dead; do
		is "$(sum_of $result)" 0 "$place: $result"
	done
	if ! grep -q ' silent 0 doubled 0 wrong 0 dead 0$' "$work/out"; then sed 's/^/# /' "$work/out" "$work/err"; fi
	rm -rf "$work"
done
done_testing
