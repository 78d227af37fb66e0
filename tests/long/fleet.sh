#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Three collectors on one history, a real etcd and Redis, and a ledger of what was acknowledged: 0
# lost, 0 twice, while members are killed, stopped for longer than their lease, ended,
# drained, and while etcd is away. CLUSTER=1 has a Redis Cluster of nine; ROUNDS= of each.
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/redis.sh
. tests/e2e/etcd.sh
rounds=${ROUNDS:-2}

if [ -n "${CLUSTER:-}" ]; then
	cluster_start 3 2
	ok $? "a cluster of nine servers" "$work/create.log"
	redis_port=${redis_ports[0]}
else
	redis_start one --appendfsync always
fi
history=redis://127.0.0.1:$redis_port/ledger
etcd_start etcd
check "tests/unit/collector_etcd_test.c on etcd" env ETCD_SERVERS=$etcd "$B/tests/unit/collector_etcd_test"
grep -E 'ERROR|LINE' "$work/unit" | sed 's/^/# /'

feeders=12
feed_members() {
	local i all=()
	for i in $(seq "$feeders"); do
		"$B/tests/e2e/feeder" tcp "$(member_feeds a b c)" "$work/feeder$i" "$1" "$2" 4000 5 patient >"$work/feeder$i.out" 2>&1 &
		all+=($!)
		pids+=($!)
	done
	wait "${all[@]}"
}
all_is_there() {
	is "$(settled)" "shed 0 0 failed 0 left 0" "$1: all is acknowledged"
	is "$(stored "$history")" "$2|$2" "$1: and there once"
}

for name in a b c; do member_start "$name"; done
check "three members have all partitions" wait_for 60 owned a b c
members | sed 's/^/# /'
feed_members 1 500
all_is_there "three members" 500

# --- Killed
feed_members 501 4000 &
feeder=$!
wait_for 60 feeding 600
for round in $(seq "$rounds"); do
	for name in a b; do
		kill -9 "$(member_pid $name)"
		[ $name = a ] && others="b c" || others="a c"
		# shellcheck disable=SC2086
		check "$name is killed: the others have its partitions ($round)" wait_for 60 owned $others
		member_start $name
		check "$name is there again ($round)" wait_for 60 owned a b c
	done
done
wait $feeder
all_is_there "killed members" 4500

# --- Stopped for longer than its lease
feed_members 4501 3000 &
feeder=$!
wait_for 60 feeding 4600
kill -STOP "$(member_pid c)"
check "c hangs: the others have its partitions" wait_for 60 owned a b
sleep 2
kill -CONT "$(member_pid c)"
check "c goes on: it is a member anew" wait_for 60 owned a b c
wait $feeder
all_is_there "a hung member" 7500
check "c goes on: it lives" kill -0 "$(member_pid c)"

# --- Ended, and drained
feed_members 7501 3000 &
feeder=$!
wait_for 60 feeding 7600
kill "$(member_pid a)"
check "a ends: the others have its partitions" wait_for 60 owned b c
wait "$(member_pid a)"
is $? 0 "a ends cleanly"
check "b is drained" "$B/ktach-collector" fleet drain b --members "$etcd"
drained() { members | awk '$1 == "b" { b = $2 } $1 == "c" { c = $2 } END { exit !(b == 0 && c == 4096) }'; }
check "b is drained: c has all" wait_for 60 drained
"$B/ktach-collector" fleet undrain b --members "$etcd"
member_start a
check "a comes, b is not drained any more" wait_for 60 owned a b c
"$B/ktach-collector" fleet drain nobody --members "$etcd" 2>"$work/out"
is "$? $(grep -c 'is no member' "$work/out")" "1 1" "who is no member can't be drained"
wait $feeder
all_is_there "ended and drained members" 10500

# --- etcd is away
feed_members 10501 1500 &
feeder=$!
wait_for 60 feeding 10600
redis_end "$etcd_pid" KILL
wait $feeder
all_is_there "no etcd" 12000
etcd_start etcd
check "etcd is back: all are members" wait_for 60 owned a b c

# --- A place that is of another kind
"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/alone" --unsealed --history "$history" >"$work/out" 2>&1
is "$? $(grep -c 'be one of them with --members' "$work/out")" "1 1" "who writes alone is not let in"
"$B/tests/e2e/feeder" udp "$(member_feeds a)" "$work/udp" 1 50 1000 5 >"$work/udp.out" 2>&1
check "UDP is refused with a word" wait_for 60 grep -q 'a fleet takes frames by TCP only' "$work/a.log"
done_testing
