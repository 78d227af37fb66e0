#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The history and a Redis server that lies, under sanitizers: a hundred handles from
# a seed that is printed. CONNECTIONS= asks for more: a hundredth of it; `make fuzz` does.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=$((${CONNECTIONS:-12000} / 100))
seed=${KTACH_SEED:-$RANDOM$RANDOM}

if ! make B="$B" "$B/tests/fuzz/redis/questions" >"$work/make.log" 2>&1; then
	ok 1 "the fuzzer builds"
	tail -n 20 "$work/make.log" | sed 's/^/# /'
	done_testing
fi
"$B/tests/fuzz/redis/questions" "$count" "$seed" >"$work/log" 2>&1
ok $? "$count handles from seed $seed: $(sed -n 's/^ok - .*handles, //p' "$work/log")" "$work/log"
grep -q '^ok' "$work/log" || grep -v 'error: history' "$work/log" | tr -cd '\n\t -~' | head -60 | sed 's/^/# /'
done_testing
