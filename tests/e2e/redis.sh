# SPDX-License-Identifier: GPL-2.0-or-later
# Redis servers of a test's own, from the program that comes with redis-tools: nothing is
# installed that starts by itself. Source it after tests/e2e/collector.sh.

# Debian's redis-server is this one under another name.
redis_program() {
	[ -e "$work/redis-server" ] || ln -s "$(command -v redis-check-rdb)" "$work/redis-server"
	echo "$work/redis-server"
}

free_port() {
	python3 -c '
import socket
while True:
    a, b = socket.socket(), socket.socket()
    a.bind(("127.0.0.1", 0))
    port = a.getsockname()[1]
    if port > 50000:
        continue
    try:
        b.bind(("127.0.0.1", port + 10000))
    except OSError:
        continue
    print(port)
    break'
}

# redis_start NAME OPTION...: its folder is $work/NAME, its port and pid are in
# $redis_port and $redis_pid; started again, it has the port and files of before.
redis_start() {
	local name=$1 program
	program=$(redis_program)
	shift
	mkdir -p "$work/$name"
	[ -f "$work/$name/port" ] || free_port >"$work/$name/port"
	redis_port=$(cat "$work/$name/port")
	background "$name.log" "$program" --port "$redis_port" --bind 127.0.0.1 --dir "$work/$name" \
		--appendonly yes --save '' --daemonize no "$@"
	redis_pid=$!
	echo "$redis_pid" >"$work/$name/pid"
	wait_for 60 redis_answers "$redis_port"
}
redis_answers() { redis-cli -p "$1" "${redis_cli[@]}" info server 2>/dev/null | grep -q redis_version; }
redis_cli=()

# ended_by PID SIGNAL: and waited for.
redis_end() {
	kill "-$2" "$1"
	wait "$1" 2>/dev/null
}

# cluster_start MASTERS REPLICAS OPTION...: servers r0, r1 ...; $redis_ports has theirs.
cluster_start() {
	local masters=$1 replicas=$2 i addresses=()
	shift 2
	redis_ports=()
	redis_pids=()
	for ((i = 0; i < masters * (1 + replicas); i++)); do
		redis_start "r$i" --cluster-enabled yes --cluster-node-timeout 2000 "$@" || return
		redis_ports+=("$redis_port")
		redis_pids+=("$redis_pid")
		addresses+=("127.0.0.1:$redis_port")
	done
	redis-cli --cluster create "${addresses[@]}" --cluster-replicas "$replicas" --cluster-yes >"$work/create.log" 2>&1 || return
	wait_for 60 cluster_ok "$replicas"
}
cluster_ok() {
	local port
	for port in "${redis_ports[@]}"; do
		redis-cli -p "$port" cluster info | grep -q cluster_state:ok || return
		[ "$(redis-cli -p "$port" cluster slots | grep -c '^[0-9]*$')" -gt 3 ] || return
	done
	# Each master has its replicas in sync.
	for port in "${redis_ports[@]}"; do
		redis-cli -p "$port" info replication | tr -d '\r' >"$work/replication"
		if grep -q role:master "$work/replication"; then
			[ "$(grep -c state=online "$work/replication")" -ge "$1" ] || return
		fi
	done
}

# --- A ledger ---------------------------------------------------------------
# feed FIRST COUNT: frames of five samples, over TCP, from each of $feeders nodes.
feeders=1
feed() {
	local i all=()
	for i in $(seq "$feeders"); do
		"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/feeder$i" "$1" "$2" 4000 5 patient >"$work/feeder$i.out" 2>&1 &
		all+=($!)
	done
	wait "${all[@]}"
}
# settled: what all of them say of their last frames.
settled() { tail -q -n 1 "$work"/feeder*.out | sort -u; }
# feeding N: all have made their sample N, or a later one.
feeding() {
	local i
	for i in $(seq "$feeders"); do
		awk -v n="$1" '$1 == "done" && $2 >= n { found = 1 } END { exit !found }' "$work/feeder$i.out" || return
	done
}
# stored: how many samples a node has, and how many different ones; of all nodes alike.
stored() {
	"$B/ktach-collector" export --history "$1" 2>"$work/export.err" |
		awk -F, 'NR > 1 && $8 == 1 { all[$1]++; if (!seen[$1, $4]++) n[$1]++ }
			END { for (i in all) print all[i] "|" n[i] }' | sort -u
}
# again: the collector is started again on the same port, as the feeder knows it.
again() {
	local port=$feed
	: >"$work/collector.log"
	background collector.log "$B/ktach-collector" --listen "127.0.0.1:$port" --http 127.0.0.1:0 \
		--data "$work/data" --unsealed --history "$history"
	collector=$!
	wait_for 60 grep -q 'listening on' "$work/collector.log" || { sed "s|^|# |" "$work/collector.log"; return 1; }
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
}
