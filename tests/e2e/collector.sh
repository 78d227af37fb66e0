# SPDX-License-Identifier: GPL-2.0-or-later
# For end-to-end tests: source this after tests/tap.sh. It makes a scratch
# folder $work; collector_start sets $feed (UDP port) and $http (address), and runs
# the collector by the command of $under, if there is one. A
# shipper that counts packets gets --pins "$pins", which go with the test.
B=${B:-build}
work=$(mktemp -d)
pids=()
under=()
pins=/sys/fs/bpf/ktach-test-$$

# The test's programs end with it, last first.
finish() {
	local i
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null && wait "${pids[i]}" 2>/dev/null
	done
	[ ! -d "$pins" ] || "$B/ktach-shipper" --pins "$pins" --detach
	rm -rf "$work"
}
trap finish EXIT

# background LOG COMMAND...: start it; its pid is in $!. From now on its log is its own:
# what a former program of that name said is gone.
background() {
	local log=$1
	shift
	: >"$work/$log"
	"$@" >>"$work/$log" 2>&1 &
	pids+=($!)
}

# stall_watch: from now on, stall_ms tells how long this machine has kept one who
# sleeps for 20 ms waiting, at worst: no program can sample meanwhile.
stall_watch() {
	background stall python3 -uc '
import time
worst, last = 0.02, time.monotonic()
while True:
    time.sleep(0.02)
    now = time.monotonic()
    if now - last > worst:
        worst = now - last
        print(int(worst * 1000))
    last = now'
}
stall_ms() { tail -n 1 "$work/stall" | grep . || echo 20; }

collector_start() {
	background collector.log "${under[@]}" "$B/ktach-collector" --listen 127.0.0.1:0 \
		--http 127.0.0.1:0 --data "$work/data" "$@"
	collector=$!
	check "the collector listens" wait_for 30 grep -q 'listening on' "$work/collector.log"
	feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/collector.log")
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
}

# fixed_ports: a collector that is started again, with "${ports[@]}", is where it was. Nobody
# else is given such numbers.
fixed_ports() {
	ports=(--listen "127.0.0.1:$((10000 + $$ % 10000))" --http "127.0.0.1:$((20000 + $$ % 10000))")
}

# collector_kill: as a crash would. The kernel gives io_uring's sockets back a little later.
collector_kill() {
	kill -9 "$collector"
	wait "$collector" 2>/dev/null
	wait_for 60 feed_is_free
}
feed_is_free() { ! ss -Hanut "sport = :$feed" | grep -qE 'UNCONN|LISTEN'; }

# api PATH [JQ...]: ask the API; with JQ, whether that holds, and what it said when
# it does not.
api() {
	local path=$1 body
	shift
	if [ $# -gt 0 ]; then
		# jq takes no answer at all for a good one.
		body=$(curl -fs "http://$http/api/v1/$path") || return
		jq -e "$@" <<<"$body" >/dev/null || { echo "$body" && false; }
	else
		curl -fs "http://$http/api/v1/$path"
	fi
}

# drops_add_up: what was dropped of all nodes is what each says of itself, by reason, but
# for what is of nobody. Of a collector's first run: nodes remember, it does not.
drops_add_up() {
	local id
	for id in $(api nodes | jq -r '.nodes[].id'); do
		api "nodes/$id" | jq .loss
	done | jq -se --argjson all "$(api health | jq .dropped)" '. as $nodes |
		["duplicate", "late", "straggler", "clone", "budget", "table", "value", "full", "left"] |
		map(select(. as $r | $all[$r] != ($nodes | map(.[$r]) | add)) | { (.): [$all[.], ($nodes | map(.[.]))] }) |
		if . == [] then true else debug | false end' 2>&1
}

# history_rows FOLDER: what a history has, as a database of rows that SQL can
# ask, made anew: the tables that 'export' writes, and session. Prints its path.
history_rows() {
	local table columns csv rows=$1/rows.db
	rm -f "$rows"
	for table in cpu softirq net; do
		csv=$1/rows.csv
		"$B/ktach-collector" export --data "$1" --table $table >"$csv" || return
		columns=$(head -n 1 "$csv" | sed 's/,/ numeric,/g')
		sqlite3 "$rows" ".mode csv" "create table $table($columns numeric)" \
			".import --skip 1 $csv $table" || return
	done
	sqlite3 "$rows" "attach '$1/history.db' as file;
		create table session as select * from file.session;" || return
	echo "$rows"
}
