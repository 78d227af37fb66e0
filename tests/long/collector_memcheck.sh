#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The collector with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer:
# end-to-end tests in which nodes come and go, streams and visitors are refused, what
# arrives is garbage, files are damaged and the configuration is read again, with its
# end after each. They may find it slow or large; what counts is that nothing is
# complained of.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
asan=$B/asan
mixed=$asan/mixed # relative, as some tests want it
trap 'rm -rf "$work" "$mixed"' EXIT
check "the collector builds with sanitizers" flock "$B" make --no-print-directory B="$asan" \
	CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" "$asan/ktach-collector"

# All other programs are as they were.
rm -rf "$mixed"
mkdir "$mixed"
ln -s "$PWD/$B"/* "$mixed"
ln -sf "$PWD/$asan/ktach-collector" "$mixed/"
rm -f "$mixed/test" # logs
chmod 1777 "$work"  # some run it as another user
export ASAN_OPTIONS=log_path=$work/asan:detect_leaks=1 UBSAN_OPTIONS=log_path=$work/asan:print_stacktrace=1

# watch NAME: of a test; that it got to its end, and without a complaint.
watch() {
	B=$mixed PATIENCE=300 tests/run "tests/$1_test.sh" >"$work/said" 2>&1
	check "$1: it went to its end" grep -q '^1\.\.[1-9]' "$mixed/test/log/${1/\//-}_test.sh.tap"
	is "$(cat "$work"/asan.* 2>/dev/null | head -n 40)" "" "$1: nothing is complained of"
	rm -f "$work"/asan.*
}

for test in ${MEMCHECK_TESTS:-e2e/api e2e/bad_input e2e/sealed e2e/reload e2e/login e2e/visitors e2e/losses e2e/damage \
	e2e/migrate e2e/workers e2e/webhook e2e/alertmanager e2e/collector_config field/refused field/restart field/clones}; do
	watch $test
done

done_testing
