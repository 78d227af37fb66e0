#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole connections to the collector's feed, under sanitizers: some thousands from a
# seed that is printed. CONNECTIONS= asks for more; `make fuzz` does. What is in the
# history afterwards is whole.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=${CONNECTIONS:-4000}
seed=${KTACH_SEED:-$RANDOM$RANDOM}

if ! flock "$B" make B="$B" "$B/tests/fuzz/feed/streams" >"$work/make.log" 2>&1; then
	ok 1 "the fuzzer builds"
	tail -n 20 "$work/make.log" | sed 's/^/# /'
	done_testing
fi
mkdir "$work/data"
"$B/tests/fuzz/feed/streams" "$count" "$seed" "$work/data" >"$work/log" 2>&1
ok $? "$count connections from seed $seed: $(sed -n 's/^ok - .*connections, //p' "$work/log")" "$work/log"
grep -q '^ok' "$work/log" || head -c 4000 "$work/log" | tr -cd '\n\t -~' | head -60 | sed 's/^/# /'
check "the history is whole" "$B/ktach-collector" check --data "$work/data"
done_testing
