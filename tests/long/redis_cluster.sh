#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A collector with its history on a Redis Cluster of three masters and two replicas each, and a
# ledger of what was acknowledged: 0 lost, 0 twice, while slots are moved, masters are
# killed, and replicas are away. ROUNDS= of each.
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/redis.sh
rounds=${ROUNDS:-3}

cluster_start 3 2
ok $? "a cluster of nine servers" "$work/create.log"
servers=redis://127.0.0.1:${redis_ports[0]},127.0.0.1:${redis_ports[4]}
for unit in engine store marks keep; do
	check "tests/unit/collector_${unit}_test.c on a cluster" env HISTORY_SERVERS=$servers "$B/tests/unit/collector_${unit}_test"
	grep -E 'ERROR|LINE' "$work/unit" | sed 's/^/# /'
done

feeders=12 # in as many buckets, nearly
history=$servers/ledger
collector_start --unsealed --history "$history"
check "two copies are enough to lose nothing: no warning" eval '! grep -q warning "$work/collector.log"'
masters() { redis-cli -p "$1" cluster nodes | awk '/master/ && !/fail/ && NF > 8 { print $1, $2 }'; }
living() {
	local port
	for port in "${redis_ports[@]}"; do
		redis-cli -p "$port" ping >/dev/null 2>&1 && echo "$port" && return
	done
}

# --- Slots move under load, to and fro
feed 1 6000 &
feeder=$!
wait_for 60 feeding 1
for round in $(seq "$rounds"); do
	from=$((round % 3 + 1)) to=$(((round + 1) % 3 + 1))
	from=$(masters "${redis_ports[0]}" | sort | sed -n "${from}p" | cut -d' ' -f1)
	to=$(masters "${redis_ports[0]}" | sort | sed -n "${to}p" | cut -d' ' -f1)
	check "2000 slots are moved ($round)" wait_for 60 into "$work/reshard.log" redis-cli --cluster reshard \
		"127.0.0.1:${redis_ports[0]}" --cluster-from "$from" --cluster-to "$to" --cluster-slots 2000 --cluster-yes
done
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "moved slots: all is acknowledged"
is "$(stored "$history")" "6000|6000" "moved slots: and there once"

# --- Masters are killed
feed 6001 8000 &
feeder=$!
wait_for 60 feeding 6001
dead=()
for round in $(seq "$rounds"); do
	port=$(masters "$(living)" | sort -R | sed -n '1s/.*:\([0-9]*\)@.*/\1/p')
	for i in "${!redis_ports[@]}"; do
		[ "${redis_ports[i]}" = "$port" ] || continue
		redis_end "$(cat "$work/r$i/pid")" KILL
		dead+=("$i")
		sleep 5
		redis_start "r$i" --cluster-enabled yes --cluster-node-timeout 2000
	done
	check "a master is killed, and comes back as a replica ($round)" wait_for 60 cluster_ok 1
done
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "killed masters: all is acknowledged"
is "$(stored "$history")" "14000|14000" "killed masters: and there once"

# --- Replicas hang: nothing is acknowledged, as one copy is not enough
wait_for 60 cluster_ok 2
hung=()
for i in "${!redis_ports[@]}"; do
	redis-cli -p "${redis_ports[i]}" info replication | grep -q role:slave && hung+=("$(cat "$work/r$i/pid")")
done
feed 14001 1000 &
feeder=$!
wait_for 60 feeding 14005
kill -STOP "${hung[@]}"
failing() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/health")" = 503 ]; }
check "no replica: health says that the history fails" wait_for 60 failing
check "no replica: the log says what to do" wait_for 60 grep -q '1 of 2 servers have what was written: start replicas again, or allow copies=1' "$work/collector.log"
kill -CONT "${hung[@]}"
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "no replica: once they are back all is acknowledged"
is "$(stored "$history")" "15000|15000" "no replica: and there once"
redis_end "$collector" TERM

# --- A cluster that is not whole
redis_end "$(cat "$work/r${dead[0]:-0}/pid")" KILL
check "a server is away: what is stored is read from the others" wait_for 60 eval '[ "$(stored "$history")" = "15000|15000" ]'
done_testing
