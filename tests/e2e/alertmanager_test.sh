#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Alarms by a real Alertmanager, Debian's package, unpacked, not installed: it has them, with
# one that always fires; whom it tells is told once, over a kill of the collector, too; one
# that is away and comes back has them again; many at once. LONG=1 has 10,000, and one that
# forgot all.
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/alertmanager
if [ ! -x "$cache/usr/bin/prometheus-alertmanager" ]; then
	mkdir -p "$cache"
	(cd "$cache" && apt-get download -q prometheus-alertmanager && dpkg -x prometheus-alertmanager_*.deb . &&
		rm prometheus-alertmanager_*.deb) >"$cache/log" 2>&1 ||
		skip_all "the package prometheus-alertmanager cannot be had: $(tail -n 1 "$cache/log")"
fi
. tests/e2e/collector.sh
. tests/e2e/outlets.sh

unshare -m true 2>/dev/null || skip_all "no mounts of our own: run as root"
mkdir "$work/rules"
printf '[never]\nmetric = load_1min\nabove = 1000000\ntext = never\n' >"$work/rules/never.rules"
fixed_ports
hook_start
cat >"$work/alertmanager.yml" <<END
route:
  receiver: hook
  group_by: [ alertname ]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: hook
    webhook_configs: [ { url: "${hook%/alarms}/alertmanager", max_alerts: 1 } ]
END
manager=127.0.0.1:$((30000 + $$ % 2000))
manager_start() {
	# Its templates are where the package has them.
	background alertmanager.log unshare -m sh -c 'mount --bind "$0/usr/share" /usr/share && exec "$0/usr/bin/prometheus-alertmanager" "$@"' \
		"$cache" --config.file="$work/alertmanager.yml" \
		--storage.path="$work/am" --web.listen-address="$manager" --cluster.listen-address=
	manager_pid=$!
	check "Alertmanager is ready" wait_for 60 curl -fs -o "$work/ready" "http://$manager/-/ready"
}
begin() { collector_start --rules "$work/rules" --alertmanager "http://$manager/" "${ports[@]}"; }
# has JQ: whether its alerts are like that.
has() {
	local alerts
	alerts=$(curl -fs "http://$manager/api/v2/alerts") && jq -e "$1" >/dev/null <<<"$alerts"
}
# of NAME JQ: of those of one rule.
of() { has "map(select(.labels.alertname == \"$1\")) | $2"; }
# groups NAME STATUS: how often whom it tells was told so.
groups() { jq -s "map(select(.groupLabels.alertname == \"$1\" and .status == \"$2\")) | length" "$work/groups"; }
told_of() { [ "$(groups "$1" "$2")" = "$3" ]; }

: >"$work/groups"
begin
fleet 4
check "4 nodes" wait_for 60 api nodes '.nodes | length == 4'
fire early
check "an alarm that nobody takes waits" wait_for 60 outlet_has waiting_alarms alertmanager -eq 1
check "health has it" wait_for 60 api health '.reasons | any(test("^alertmanager: 1 alarms wait .*(connect|refused)"; "i"))'
manager_start
check "one that comes late has it" wait_for 90 of early 'length == 1'
check "with all that is known of it" of early '.[0] | .labels == {alertname: "early", severity: "warning", node: "node-00001",
	node_id: .labels.node_id} and .annotations == {summary: "early of node-00001", description: "It is planted."}'
check "until it is told again, four times over" of early '.[0] | (.endsAt | sub("\\..*"; "Z") | fromdate) - now | . > 200 and . < 310'
before=$(outlet failures_total alertmanager)
check "a dead man's alarm fires" of ktach-collector-alive 'length == 1 and .[0].labels.severity == "none"'
check "whom it tells is told" wait_for 60 told_of early firing 1
over early
check "also when it is over" wait_for 60 told_of early resolved 1
check "and does not have it any more" wait_for 60 of early 'length == 0'

# odd: an alarm whose text has what ends or breaks texts elsewhere.
printf '[odd]\nmetric = cpu.busy\nover = nodes\nabove = -1\nnodes = node-00001\ntext = "a" \\u0000 \\ \x01\x1b[31m \xff\xfe\xc3( \xe2\x80\xae of {node}\n' >"$work/rules/odd.rules"
kill -HUP "$collector"
check "quotes, controls and what is no UTF-8 get there" wait_for 60 of odd \
	'length == 1 and (.[0].annotations.summary | startswith("\"a\" \\u0000 \\ ") and endswith(" of node-00001"))'
check "and were taken at first" outlet_has failures_total alertmanager -le "$before"
over odd

fire killed
check "another alarm" wait_for 60 told_of killed firing 1
collector_kill
begin
check "goes on after a kill" wait_for 60 api alerts '.firing | any(.rule == "killed")'
check "and is told again" wait_for 60 outlet_has sent_alarms_total alertmanager -ge 1
over killed
check "until it is over" wait_for 60 told_of killed resolved 1
check "both were told once" told_of killed firing 1

count=600
[ -z "${LONG:-}" ] || count=10000
kill "$sender"
wait "$sender" 2>/dev/null
fleet $count
fire crowd 'node-*'
check "$count alarms at once" wait_for 240 of crowd "length == $count"
# A message a second, while they come.
few() { [ "$(groups crowd firing)" -ge 1 ] && [ "$(groups crowd firing)" -le $((count / 10)) ]; }
check "are one group, told in a few messages" wait_for 60 few
check "in few messages" outlet_has failures_total alertmanager -eq 0
if [ -n "${LONG:-}" ]; then
	kill "$manager_pid"
	wait "$manager_pid"
	manager_start
	check "one that forgot them has them again" wait_for 180 of crowd "length == $count"
fi
over crowd
check "and all are over" wait_for 240 of crowd 'length == 0'
check "nothing waits" wait_for 60 outlet_has waiting_alarms alertmanager -eq 0

# --- SIGHUP: the same words to somebody else
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
printf 'alertmanager = http://127.0.0.1:9\n' >"$work/collector.conf"
collector_start --rules "$work/rules" --config "$work/collector.conf" "${ports[@]}"
check "the nodes are back" wait_for 60 api nodes ".nodes | map(select(.state == \"fresh\")) | length == $count"
fire late
check "it waits for one that is not there" wait_for 60 outlet_has waiting_alarms alertmanager -eq 1
printf 'alertmanager = http://%s\n' "$manager" >"$work/collector.conf"
kill -HUP "$collector"
check "another one has it" wait_for 60 of late 'length == 1'
check "Alertmanager had nothing to complain of" test "$(grep -c 'level=error' "$work/alertmanager.log")" = 0
done_testing
