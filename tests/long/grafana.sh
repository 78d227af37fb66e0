#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deploy/grafana and deploy/prometheus: dashboards are what their table says, and each
# of their queries has an answer of a real Prometheus that reads the configuration there;
# promtool tests the rules.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/prometheus.sh
. tests/e2e/collector.sh

mkdir "$work/dashboards"
check "dashboards are made" deploy/grafana/dashboards.py "$work/dashboards"
is "$(diff -r "$work/dashboards" deploy/grafana/dashboards | head -5)" "" "they are what is there ('deploy/grafana/dashboards.py' writes them)"
for file in deploy/grafana/dashboards/*.json; do
	name=$(basename "$file")
	is "$(jq -r '[.panels[].id] | (length - (unique | length))' "$file")" 0 "$name: each panel has an id of its own"
	# Cells of the grid, by panel: none is twice.
	is "$(jq -r '[.panels[].gridPos | range(.x; .x + .w) as $x | range(.y; .y + .h) as $y | "\($x) \($y)"] | length - (unique | length)' "$file")" 0 \
		"$name: no panel covers another"
	is "$(jq -r '[.panels[].gridPos | .x + .w] | max' "$file")" 24 "$name: they are as wide as the page"
done
check "the scrape configuration is one" "$promtool" check config deploy/prometheus/prometheus.yml
check "the rules fire when they should" "$promtool" test rules deploy/prometheus/ktach.rules.test.yml
is "$(sed -n 's/.*- alert: //p' deploy/prometheus/ktach.rules.yml | while read -r rule; do
	grep -q "alertname: $rule" deploy/prometheus/ktach.rules.test.yml || grep -q "alertname: $rule," deploy/prometheus/ktach.rules.test.yml || echo "$rule"
done)" "" "each of them is tried"

collector_start
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 3 4 300 500 whole
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --pins "$pins" --state "$work/state" --name here --transport tcp
check "4 nodes" wait_for 60 api nodes '.nodes | length == 4'
cp deploy/prometheus/* "$work/"
sed -i "s/127.0.0.1:8766/$http/; s/15s/1s/g" "$work/prometheus.yml"
prometheus_start "$work/prometheus.yml"

# expressions: of all panels, as Grafana would ask them of node-00001, and of the host.
expressions() {
	jq -r '.panels[] | .title as $t | .targets[] | "\($t)\t\(.expr)"' deploy/grafana/dashboards/*.json | sed 's/\$__rate_interval/20s/g'
}
# unanswered: those without an answer.
unanswered() {
	local title expression node found
	expressions | while IFS=$'\t' read -r title expression; do
		found=
		for node in node-00001 here; do
			[ -n "$found" ] || [ "$(prometheus_ask "${expression//\$node/$node}" | jq '.data.result | length')" -eq 0 ] || found=yes
		done
		[ -n "$found" ] || echo "$title: $expression"
	done
}
check "there are queries" test "$(expressions | wc -l)" -gt 60
all_answered() { unanswered >"$work/unanswered"; test ! -s "$work/unanswered"; }
check "each of them has an answer" wait_for 60 all_answered
sed 's/^/# /' "$work/unanswered"
loaded() { curl -fs "http://127.0.0.1:$prometheus/api/v1/rules" | jq -e '[.data.groups[].rules[]] | length == 10 and all(.health == "ok")' >/dev/null; }
check "the rules are evaluated" wait_for 60 loaded
down() { prometheus_ask 'ALERTS{alertname="KtachCollectorDown"}' | jq -e '.data.result | length == 1' >/dev/null; }
kill "$collector" && wait "$collector"
check "a collector that is away is an alarm that begins" wait_for 60 down
done_testing
