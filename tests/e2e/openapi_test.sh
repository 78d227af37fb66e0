#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Answers that refuse, of each path of docs/openapi.yaml: api_test.sh has the others.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# hold ARGUMENT...: the description against the collector; its TAP points as ours.
hold() {
	local line
	python3 tests/e2e/openapi_refusals.py docs/openapi.yaml "http://$http" "$@" >"$work/points" 2>&1
	ok $? "docs/openapi.yaml was held against the server"
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok 0 "${line#ok - }" ;;
		"not ok - "*) ok 1 "${line#not ok - }" ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$work/points"
}

collector_start
hold "$collector"
kill "$collector"
wait "$collector"

"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
collector_start --login "$work/login.key"
token() { "$B/ktach-collector" token --key "$work/login.key" --role "$1"; }
hold "$(token service)" "$(token send)"
done_testing
