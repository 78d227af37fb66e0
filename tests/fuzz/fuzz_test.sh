#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each fuzzer for a few seconds, from its corpus; `make fuzz` goes on longer. The one
# of host/, whose files tests/host/faults_test.sh breaks as well, and that of rules are for LONG=1.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

seconds=2
names=$(basename -s .c tests/fuzz/*_fuzz.c | grep -vE '^(host|rules)_')
[ -z "${LONG:-}" ] || seconds=5 names="$names host_fuzz rules_fuzz"
# shellcheck disable=SC2086 # several names
# shellcheck disable=SC2046,SC2086 # names are words
if ! make B="$B" $(printf "$B/fuzz/%s " $names) >"$work/make.log" 2>&1; then
	if echo 'int main(void){return 0;}' | clang -fsanitize=address,fuzzer-no-link -x c - -o "$work/try" 2>"$work/try.log"; then
		ok 1 "the fuzzers build"
		sed 's/^/# /' "$work/make.log"
	else
		skip "the codec is fuzzed" "clang's sanitizers are not here (libclang-rt-dev)"
	fi
	done_testing
	exit
fi
for name in $names; do
	fuzzer=$B/fuzz/$name
	cp -r "tests/fuzz/corpus/$name" "$work/corpus"
	SEEDS=$work/corpus "$fuzzer" -runs=0 >"$work/log" 2>&1
	check "$name: its corpus of $(find "$work/corpus" -type f | wc -l) passes" into "$work/log" "$fuzzer" -runs=0 "$work/corpus"
	"$fuzzer" -max_total_time=$seconds -max_len=4096 -artifact_prefix="$work/" "$work/corpus" >"$work/log" 2>&1
	ok $? "$name: $(sed -n 's/^#\([0-9]*\).*DONE.*/\1/p' "$work/log") new inputs pass" "$work/log"
	grep -A 20 -E 'ERROR|runtime error|SUMMARY' "$work/log" | head -30 | sed 's/^/# /'
	rm -rf "$work/corpus"
done
done_testing
