#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The points of each unit test in other orders, too: turned round, and shuffled by a
# seed (ORDER_SEEDS="0 N...": which; 0 turns them round). A test that fails, or takes
# longer than five minutes, runs once more by itself: the others may have kept it from
# the CPU. It counts as it does then.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export B work

"${CC:-cc}" -O1 -shared -fPIC -D_GNU_SOURCE -o "$work/shuffle.so" tests/preload/shuffle.c ||
	skip_all "there is no compiler"

# in_order SEED TEST: what failed is shown with the seed that brings it back.
in_order() {
	local log=$work/${2##*/}.$1
	timeout -k 10 300 env CMOCKA_MESSAGE_OUTPUT=TAP ORDER_SEED="$1" LD_PRELOAD="$work/shuffle.so" \
		"$2" >"$log" 2>/dev/null
	case $? in
	0) ;;
	124 | 137) echo "$2, ORDER_SEED=$1: still runs after five minutes" ;;
	*) echo "$2, ORDER_SEED=$1: $(grep -A 3 '^not ok' "$log" | tr '\n' ' ')" ;;
	esac
}
export -f in_order

# all_in_order SEED TESTS-AT-ONCE TEST...
all_in_order() {
	local seed=$1 at_once=$2
	shift 2
	printf '%s\0' "$@" | xargs -0 -n 1 -P "$at_once" bash -c 'in_order "$0" "$1"' "$seed"
}

tests=(tests/unit/*_test.c)
tests=("${tests[@]/#/$B/}")
for seed in ${ORDER_SEEDS:-0 7}; do
	failed=$(all_in_order "$seed" "$(nproc)" "${tests[@]%.c}")
	if [ -n "$failed" ]; then
		echo "$failed" | sed 's/^/# at first: /'
		mapfile -t again < <(echo "$failed" | sed -n 's/^\(.*\), ORDER_SEED=.*/\1/p')
		failed=$(all_in_order "$seed" 1 "${again[@]}")
	fi
	is "$failed" "" "in order $seed all unit tests pass"
done
done_testing
