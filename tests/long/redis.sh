#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A collector with its history on one Redis server, and a ledger of what was acknowledged: 0
# lost, 0 twice, whoever is killed, hangs, or was stopped for longer than its lock lasts.
# ROUNDS= kills of each.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/redis.sh
rounds=${ROUNDS:-3}

redis_start one --appendfsync always
port=$redis_port
servers=redis://127.0.0.1:$port

# --- The engine, and all that is built upon it
for unit in engine store marks keep; do
	check "tests/unit/collector_${unit}_test.c on Redis" env HISTORY_SERVERS=$servers "$B/tests/unit/collector_${unit}_test"
	grep -E 'ERROR|LINE' "$work/unit" | sed 's/^/# /'
done
redis-cli -p "$port" flushall >/dev/null

feeders=5
history=$servers/ledger
collector_start --unsealed --history "$history"
feed 1 500

# --- The collector is killed, again and again
feed 501 3000 &
feeder=$!
for _ in $(seq "$rounds"); do
	sleep 2
	redis_end "$collector" KILL
	again
	ok $? "a killed collector: the next one begins at once" "$work/collector.log"
done
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "a killed collector: all is acknowledged"
is "$(stored "$history")" "3500|3500" "a killed collector: and there once"

# --- Redis is killed, again and again
feed 3501 3000 &
feeder=$!
for _ in $(seq "$rounds"); do
	sleep 2
	redis_end "$redis_pid" KILL
	redis_start one --appendfsync always
done
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "a killed Redis: all is acknowledged"
is "$(stored "$history")" "6500|6500" "a killed Redis: and there once"
check "a killed Redis: the collector lived on" kill -0 "$collector"

# --- Redis hangs: an answer is lost, and what was sent is done later
feed 6501 2000 &
feeder=$!
sleep 2
kill -STOP "$redis_pid"
failing() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/health")" = 503 ]; }
check "a hung Redis: health says that the history fails" wait_for 60 failing
kill -CONT "$redis_pid"
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "a hung Redis: all is acknowledged"
is "$(stored "$history")" "8500|8500" "a hung Redis: and there once"
check "a hung Redis: health is well again" wait_for 60 api health '.status == "ok"'

# --- A collector that was stopped for longer than its lock
kill -STOP "$collector"
redis-cli -p "$port" del "ledger:{control}:lock" >/dev/null # its time is up
zombie=$collector
collector_start --unsealed --history "$history"
feed 8501 200
is "$(settled)" "shed 0 0 failed 0 left 0" "a stopped collector: another one takes over"
kill -CONT "$zombie"
ended() { ! kill -0 "$zombie" 2>/dev/null; }
check "a stopped collector: it ends once it goes on" wait_for 60 ended
is "$(stored "$history")" "8700|8700" "a stopped collector: and has written nothing since"
done_testing
