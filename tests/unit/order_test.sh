#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The points of each unit test in other orders, too: turned round, and in one that
# chance chooses (ORDER_SEEDS="0 N...": which; 0 turns them round). Each test is
# ended after a minute.
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
	timeout -k 10 60 env CMOCKA_MESSAGE_OUTPUT=TAP ORDER_SEED="$1" LD_PRELOAD="$work/shuffle.so" \
		"$2" >"$log" 2>/dev/null
	case $? in
	0) ;;
	124 | 137) echo "$2, ORDER_SEED=$1: still runs after a minute" ;;
	*) echo "$2, ORDER_SEED=$1: $(grep -A 3 '^not ok' "$log" | tr '\n' ' ')" ;;
	esac
}
export -f in_order

for seed in ${ORDER_SEEDS:-0 $RANDOM}; do
	failed=$(for test in tests/unit/*_test.c; do printf '%s\0' "$B/${test%.c}"; done | xargs -0 -n 1 -P "$(nproc)" bash -c 'in_order "$0" "$1"' "$seed")
	is "$failed" "" "in order $seed all unit tests pass"
done
done_testing
