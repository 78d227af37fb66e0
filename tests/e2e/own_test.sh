#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Series of one's own from end to end: files and statsd's lines become families of
# /metrics, rows of the API, history and top lists; what makes no sense, and what has
# a name of ours, does not.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

mkdir "$work/series"
cat >"$work/series/jobs.prom" <<'END'
# TYPE jobs_done_total counter
jobs_done_total{queue="mail \"a\\b\"",instance="7"} 1234.5
jobs_waiting{queue="mail"} -2.25
node_load1 99
this is no series
END
# What would be waited for, or has no end.
mkfifo "$work/series/pipe.prom"
ln -s /dev/zero "$work/series/zero.prom"
mkdir "$work/series/folder.prom"
collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --pins "$work" --state "$work/state" --name here \
	--interval 500ms --ship 500ms --own-interval 500ms --own-folder "$work/series" --own-socket "$work/sock" --own-statsd 127.0.0.1:0 --own-count 14
check "the shipper listens" wait_for 60 test -S "$work/sock"
# say LINE...: all in one datagram.
say() {
	printf '%s\n' "$@" | python3 -c '
import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.stdin.buffer.read(), sys.argv[1])' "$work/sock"
}
has() { curl -fs "http://$http/metrics" | grep -qxE "$1"; }
lacks() { ! curl -fs "http://$http/metrics" | grep -E "$1"; }
from='instance="here",node_id="[0-9a-f-]+"'
say 'web.requests:3|c|#site:shop' 'web.requests:2|c|#site:shop' 'users.now:17|g' 'odd'
check "a counter of a file has its own name" wait_for 60 has "jobs_done_total\{$from,exported_instance=\"7\",queue=\"mail .\"a\\\\\\\\b.\"\"\} 1234.5"
check "and is a counter" has '# TYPE jobs_done_total counter'
check "a gauge of a file too" has "jobs_waiting\{$from,queue=\"mail\"\} -2.25"
check "what programs tell by statsd" wait_for 60 has "web_requests\{$from,site=\"shop\"\} 5"
check "a gauge of theirs" has "users_now\{$from\} 17"
check "a file's errors, by node_exporter's name" has "node_textfile_scrape_error\{$from\} 1"
check "a line that makes no sense is said" wait_for 60 grep -q 'jobs.prom:5: its value is no number; of its lines 1 is left out' "$work/shipper.log"
for name in pipe zero folder; do
	check "what is no plain file is not read, and said: $name" wait_for 60 grep -q "$name.prom: it is no plain file" "$work/shipper.log"
done
check "of statsd too" wait_for 60 grep -q "statsd: 'odd': it is not NAME:VALUE|TYPE" "$work/shipper.log"
check "a name of ours is not taken" lacks '^node_load1\{.* 99$'
is "$(curl -fs "http://$http/metrics" | grep -c '^# TYPE node_load1 ')" 1 "and is one family"
check "the API has name, labels and value" api nodes/here '.own.own[] | select(.name == "jobs_waiting") | .value == -2.25 and .labels == "queue=\"mail\""'
check "so has the top list" api 'topk?metric=own.value&over=own&k=20' '.top | map(select(.own == "users_now" and .value == 17)) | length == 1'
check "so has the history" wait_for 60 api 'history?node=here&metric=own.value&from=-1m&step=1s' \
	'[.series[] | select(.text == "users_now") | .values[] | select(. == 17)] | length > 0'
# Until one has the last place.
say more.{1..20}:1\|c
check "more than there may be are said" wait_for 60 grep -q 'series are left out; --own-count allows 14' "$work/shipper.log"
is "$(curl -fs "http://$http/api/v1/nodes/here" | jq '.own.own | length')" 14 "and not told"
# One node's series that would have a scrape fail for all.
"$B/tests/e2e/attacker" series "$feed" >/dev/null
check "another node's series" wait_for 60 has "fine\{instance=\"series\",node_id=\"[0-9a-f-]+\",exported_instance=\"a\"\} 7"
check "of which those with a label twice, or a reserved one, are left out" lacks evil
is "$(curl -fs -H 'Accept: application/openmetrics-text; version=1.0.0' "http://$http/metrics" | grep '^# TYPE ' | cut -d ' ' -f 3 | sort | uniq -d)" "" \
	"and no two families have one name"
rm "$work/series/jobs.prom"
check "those of a file that has gone end" wait_for 60 lacks '^jobs_'
done_testing
