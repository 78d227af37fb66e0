#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk of the history fills up and gets room again: live figures go on, the
# log has a line for each, and what was lost is counted; of what comes by TCP
# nothing is. On a small tmpfs in a mount namespace of its own.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "only root can make a small disk"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
if [ -z "${KTACH_MOUNTS:-}" ]; then
	KTACH_MOUNTS=1 exec unshare --mount -- bash tests/e2e/disk_full_test.sh
fi
. tests/e2e/collector.sh

mkdir "$work/data"
mount -t tmpfs -o size=2m ktach-test "$work/data" || {
	rm -rf "$work"
	skip_all "no tmpfs can be mounted here"
}
trap 'umount -l "$work/data"; finish' EXIT
collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name here \
	--state "$work/state" --no-net --interval 20ms
check "history is written" wait_for 10 api nodes '.store.written > 0'

head -c 4M /dev/zero >"$work/data/filler" 2>/dev/null
check "a full disk is told, and what is not kept counted" \
	wait_for 60 api nodes '.store.failing and .store.dropped > 0'
dropped=$(api nodes | jq .store.dropped)
sleep 3
check "it goes on counting" api nodes ".store.dropped > $dropped"
check "live figures go on" api nodes '.nodes[0].state == "fresh" and .nodes[0].lost == 0'
is "$(grep -c 'history:.*full' "$work/collector.log")" 1 "the log has one line about it"

rm "$work/data/filler"
check "with room again it is written again" wait_for 60 api nodes '.store.failing == false'
again() { [ "$(grep -c 'history is written again' "$work/collector.log")" -eq 1 ]; }
check "which is one line in the log" wait_for 60 again

real_ns=$((($(date +%s) / 2592000 * 2592000 - 86400) * 1000000000)) # of feeder.c
# By TCP: what finds no room is not acknowledged, and comes again.
"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/feeder" 1 1000 5000 5 >"$work/feeder.out" 2>&1 &
feeder=$!
sleep 1
head -c 4M /dev/zero >"$work/data/filler" 2>/dev/null
check "the disk is full once more" wait_for 60 api nodes '.store.failing'
wait_for 60 grep -q '^done 1000' "$work/feeder.out"
check "the sender keeps what is not acknowledged" kill -0 $feeder
rm "$work/data/filler"
wait $feeder
is "$(tail -n 1 "$work/feeder.out")" "shed 0 0 failed 0 left 0" "with room again all is acknowledged"
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
mkdir "$work/rows"
cp "$work/data/history.db"* "$work/rows"
is "$(sqlite3 "$(history_rows "$work/rows")" \
	"select count(*), count(distinct mono_ns), min(mono_ns), max(mono_ns) from cpu where real_ns = $real_ns + mono_ns")" \
	"2000|1000|1|1000" "each acknowledged sample is there, once"
check "the history is whole" into "$work/check.out" "$B/ktach-collector" check --data "$work/data"
done_testing
