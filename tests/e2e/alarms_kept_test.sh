#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Alarms over restarts and kills of the collector: they go on to fire with their number and
# time, what people said of them stays, those that are over are still told of; of a
# shipper that is gone, and of a file that is damaged, or that can't be written.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare -m "$0" 2>/dev/null || skip_all "no mounts of our own: run as root"
. tests/e2e/collector.sh

full=/dev/shm
mkdir "$work/rules"
mount -t tmpfs -o size=1m tmpfs $full || skip_all "no tmpfs can be mounted"
"$B/ktach-collector" rules | sed 's/^for = .*/for = 200ms/; s/^silent = .*/silent = 1s/' >"$work/rules/all.rules"

ship() {
	background "$1.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name "$1" --no-net \
		--state "$work/state-$1" --interval 300ms --mount-interval 300ms --memory-interval 300ms
	shipper=$!
}
# One rule each.
mount_alarm() { api alerts ".firing | map(select(.rule == \"mount-full\" and .row == \"$full\")) | length == 1 and (.[0] | $1)"; }
# A loaded machine keeps the other one silent, too, for a moment.
gone='.rule == "node-silent" and .name == "gone"'
silence() { api alerts ".firing | map(select($gone)) | length == 1 and (.[0] | $1)"; }
over() { api 'alerts?past=100' ".past | map(select($1)) | length == $2"; }
say() { curl -s -o "$work/said" -w '%{http_code}' -X POST "http://$http/api/v1/alerts?$1"; }
again() { collector_start --rules "$work/rules" "${ports[@]}"; }
killed() {
	collector_kill
	again
}
ended() {
	kill "$collector"
	wait "$collector"
	is $? 0 "the collector ends cleanly"
	again
}

fixed_ports
again
ship gone
killed=$shipper
ship host
check "two nodes" wait_for 30 api nodes '.nodes | length == 2 and all(.state == "fresh")'
dd if=/dev/zero of=$full/rest bs=1k count=1020 2>/dev/null
kill -9 "$killed"
wait "$killed" 2>/dev/null
check "a mount that is full fires" wait_for 60 mount_alarm '.id > 0'
check "so does a shipper that was killed" wait_for 60 silence '.id > 0 and .acknowledged_ns == null and .silent_until_ns == null'
full_one=$(api alerts | jq -c '.firing[] | select(.rule == "mount-full") | [.id, .fired_ns]')
silent_one=$(api alerts | jq -c ".firing[] | select($gone) | [.id, .fired_ns]")
id=$(jq '.[0]' <<<"$silent_one")

# --- what people say
is "$(say "id=$id")" 200 "an alarm is acknowledged"
is "$(say "id=${id}&action=silence&for=2h")" 200 "and silenced"
is "$(say "id=999999")" 404 "not one that there is not"
is "$(say "")" 400 "nor none"
is "$(say "id=$id&for=2h")" 400 "nor is what is acknowledged so for a time"
is "$(curl -s -o /dev/null -w '%{http_code}' -X POST -H 'Origin: http://evil.example' "http://$http/api/v1/alerts?id=$id")" 403 \
	"a page of another site may not"
said='.acknowledged_ns > 0 and .acknowledged_by == "" and .silent_until_ns > now * 1e9 + 7000e9'
check "each who looks sees it" silence "$said"

# --- kills, restarts
# LONG=1 ends it, too.
for way in killed ${LONG:+ended}; do
	$way
	check "$way: the mount's alarm goes on" wait_for 60 mount_alarm "[.id, .fired_ns] == $full_one"
	check "$way: so does that of who is gone" silence "[.id, .fired_ns] == $silent_one and $said"
	check "$way: the node came back" wait_for 60 api nodes '.nodes | any(.name == "host" and .state == "fresh")'
	check "$way: its values are known" wait_for 60 api nodes/host ".mount.mounts[] | select(.point == \"$full\") | .used > 0.9"
done
frames=$(api nodes/host | jq .received)
check "frames go on to come" wait_for 60 api nodes/host ".received >= $frames + 3"
check "both are as they were" mount_alarm "[.id, .fired_ns] == $full_one"
check "and who is gone" silence "[.id, .fired_ns] == $silent_one"
check "nothing was over in between" over ".rule == \"mount-full\" or $gone" 0
rm $full/rest
check "it is over when there is room" wait_for 60 over '.rule == "mount-full"' 1
ship gone
check "and when who was gone is back" wait_for 60 over "$gone" 1
killed
check "what is over is told after a kill, too" wait_for 60 over ".rule == \"mount-full\" or $gone" 2
kill -9 "$shipper"
wait "$shipper" 2>/dev/null
check "one that is silent again" wait_for 60 silence ".id > $id and .acknowledged_ns == null"
check "is silenced still" silence '.silent_until_ns > 0'
id=$(api alerts | jq ".firing[] | select($gone) | .id")
is "$(say "id=${id}&action=silence&for=0s")" 200 "until somebody says otherwise"
check "which is seen" silence '.silent_until_ns == null'

# --- the file
# LONG=1 has a damaged one, and none.
[ -n "${LONG:-}" ] || {
	done_testing
	exit
}
kill "$collector"
wait "$collector"
dd if=/dev/urandom of="$work/data/alarms.db" bs=4k count=1 conv=notrunc 2>/dev/null
rm -f "$work/data/alarms.db-wal"
again
check "a damaged file is told of" grep -q "alarms.db.*it stays as alarms.db.damaged" "$work/collector.log"
check "and kept" test -f "$work/data/alarms.db.damaged"
check "alarms that hold fire again" wait_for 60 silence '.id > 0'
kill "$collector"
wait "$collector"
rm -f "$work/data"/alarms.db*
mkdir "$work/data/alarms.db"
again
check "where there can be no file, alarms are in memory only, which is told" grep -q "alarms are kept in memory only" "$work/collector.log"
check "and fire" wait_for 60 silence '.id > 0'
is "$(say "id=$(api alerts | jq ".firing[] | select($gone) | .id")")" 200 "and can be acknowledged"
done_testing
