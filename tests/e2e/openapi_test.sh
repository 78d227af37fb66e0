#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Answers that refuse, of each path of docs/openapi.yaml: api_test.sh has the others.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# hold ARGUMENT...: the description against the collector; its TAP points as ours.
hold() {
	check "docs/openapi.yaml was held against the server" \
		into "$work/points" python3 tests/e2e/openapi_refusals.py docs/openapi.yaml "http://$http" "$@"
	points "$work/points"
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
