#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The history on one Redis server: the engine's promises, then a collector on it, which is
# killed. What is missing at the start is said in words that say what to do. The kills of
# others are in tests/long/redis.sh and redis_cluster.sh.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/redis.sh

redis_start one --appendfsync always
port=$redis_port
servers=redis://127.0.0.1:$port

# --- The engine
check "tests/unit/collector_engine_test.c on Redis" \
	into "$work/unit" env HISTORY_SERVERS="$servers" "$B/tests/unit/collector_engine_test"
grep -E 'ERROR|LINE' "$work/unit" | sed 's/^/# /'

# --- A collector
history=$servers/ledger
collector_start --unsealed --history "$history"
check "it says what one server can lose" grep -q 'what was acknowledged is on one server alone' "$work/collector.log"
check "alarms are kept in its data folder" [ -f "$work/data/alarms.db" ]
feed 1 500
is "$(settled)" "shed 0 0 failed 0 left 0" "what is stored is acknowledged"
is "$(stored "$history")" "500|500" "and is there once"
check "it answers questions" api nodes '.nodes[0].name == "feeder"'

# A second collector finds it taken. The first one renews its lock meanwhile.
"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data2" --unsealed \
	--history "$history" >"$work/second" 2>&1
is "$? $(grep -c "process $collector writes to it" "$work/second")" "1 1" \
	"a second collector refuses, and names host and process"

feed 501 500 &
feeder=$!
wait_for 60 feeding 700
redis_end "$collector" KILL
again
ok $? "a killed collector: the next one begins at once" "$work/collector.log"
wait $feeder
is "$(settled) $(stored "$history")" "shed 0 0 failed 0 left 0 1000|1000" "a killed collector: all is there once"
redis_end "$collector" TERM
check "the lock goes with the collector" [ -z "$(redis-cli -p "$port" get "ledger:{control}:lock")" ]

# --- What is missing
# said TEXT: the collector that waits says so.
waits() {
	: >"$work/waits.log"
	background waits.log "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" --unsealed --history "$1"
	waiting=$!
}
said() { wait_for 60 grep -q -- "$1" "$work/waits.log"; }
redis-cli -p "$port" config set maxmemory-policy allkeys-lru >/dev/null
waits "$servers/new"
check "a wrong policy: it says which, and what to do" said "maxmemory-policy is 'allkeys-lru'.*set it to noeviction"
check "a wrong policy: it waits" said "waiting for it, until then no frame is taken or acknowledged"
redis-cli -p "$port" config set maxmemory-policy noeviction >/dev/null
check "a wrong policy: corrected, it begins" said 'listening on'
redis_end "$waiting" TERM

redis-cli -p "$port" config set requirepass secret >/dev/null
redis_cli=(-a secret --no-auth-warning)
waits "$servers/new"
check "no password: it says so" said 'NOAUTH Authentication required'
kill "$waiting"
wait "$waiting"
is $? 0 "SIGTERM ends one that waits"
echo wrong >"$work/password"
chmod 600 "$work/password"
waits "$servers/new?password-file=$work/password"
check "a wrong password: it says so" said 'user and password are refused'
echo secret >"$work/password"
check "a wrong password: corrected, it begins" said 'listening on'
redis_end "$waiting" TERM
redis-cli -p "$port" "${redis_cli[@]}" set 'other:{control}:layout' 'ktach 99' >/dev/null
waits "$servers/other?password-file=$work/password"
wait "$waiting"
is "$? $(grep -c 'of another version of this program, or of another program' "$work/waits.log")" "1 1" \
	"keys of something else: it refuses"
"$B/ktach-collector" --history redis://user:secret@host >"$work/out" 2>&1
is "$? $(grep -c 'name a file with' "$work/out")" "2 1" "a password in the setting is refused"
redis_end "$redis_pid" KILL
waits "$servers/new?password-file=$work/password"
check "no server: it waits, and says for what" said "127.0.0.1:$port: Connection refused; waiting"
redis_start one --appendfsync always --requirepass secret
check "no server: once it is there, it begins" said 'listening on'
done_testing
