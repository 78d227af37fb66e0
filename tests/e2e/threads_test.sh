#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The collector's threads under ThreadSanitizer: senders by UDP and TCP, some of
# them with one id, come and go at three workers, while everything is asked, nodes
# are forgotten and the configuration is read again. No race, and no acknowledged
# sample missing or there twice. LONG=1 takes six times as long.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
seconds=10
[ -z "${LONG:-}" ] || seconds=60
programs=$B
make -s B="$B" tsan >"$work/make.log" 2>&1 || {
	tail -n 5 "$work/make.log" >&2
	skip_all "no ThreadSanitizer here"
}
export TSAN_OPTIONS="log_path=$work/tsan exitcode=66"

# collect ARGUMENTS...: the collector that is watched.
collect() {
	B=$programs/tsan
	collector_start --workers 3 "$@"
	B=$programs
}

# end_collector: the watched one, without a race.
end_collector() {
	kill "$collector"
	wait "$collector"
	is $? 0 "$1: the collector ends cleanly"
	is "$(cat "$work"/tsan.* 2>/dev/null | grep -m 3 -A 12 'WARNING: ThreadSanitizer')" "" \
		"$1: ThreadSanitizer has nothing to say"
	rm -f "$work"/tsan.*
}

# ask_all N: until it is ended, one question after the other.
ask_all() {
	local path
	while :; do
		for path in api/v1/cluster api/v1/nodes api/v1/nodes/node-00003 api/v1/losses api/v1/health \
			'api/v1/topk?metric=cpu.busy&over=cpus' 'api/v1/topk?metric=net.rx_bytes_per_s' \
			'api/v1/history?node=node-00002&metric=cpu.user_ns&from=-1m' metrics; do
			curl -s -o "$work/answer.$1" "http://$http/$path" && echo "$path"
		done
	done
}

# --- Datagrams, questions, nodes that are forgotten, SIGHUP
collect --keep 2s
for i in 1 2 3 4; do
	background "asked.$i" ask_all $i
done
background live.log python3 tests/e2e/live.py "${http%:*}" "${http##*:}" "$seconds"
live=$!
end=$((SECONDS + seconds))
while [ $SECONDS -lt $end ]; do
	# The same ids from six ports, so at several workers, for a second at a time.
	for i in 1 2 3 4 5 6; do
		"$B/tests/e2e/fleet" 127.0.0.1 "$feed" $((i * 20)) 4 10 100 2>/dev/null &
		senders[i]=$!
	done
	kill -HUP "$collector"
	wait "${senders[@]}"
	[ $((end - SECONDS)) -eq $((seconds / 2)) ] && sleep 4
done
check "frames came ($(api health | jq .frames))" api health '.frames > 1000'
check "silent nodes are forgotten" wait_for 20 api health '.nodes == 0'
wait "$live"
check "the WebSocket told: $(tr '\n' ' ' <"$work/live.log")" grep -q '^nodes [1-9]' "$work/live.log"
for i in 1 2 3 4; do
	check "questions were answered: $(wc -l <"$work/asked.$i")" test -s "$work/asked.$i"
done
for pid in "${pids[@]}"; do
	[ "$pid" = "$collector" ] || kill "$pid" 2>/dev/null
done
end_collector "datagrams"

# --- Streams: four senders, two of them with one id; numbers tell them apart.
rm -rf "$work/data"
collect
count=$((seconds * 60))
for i in 1 2 3 4; do
	"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/state.$((i > 3 ? 3 : i))" \
		$((i * 1000000)) "$count" 4000 5 >"$work/feeder.$i" 2>&1 &
	senders[i]=$!
done
background asked ask_all 9
asker=$!
wait "${senders[@]:1:4}"
kill $asker
end_collector "streams"
for i in 1 2 3 4; do
	is "$(tail -n 1 "$work/feeder.$i")" "shed 0 0 failed 0 left 0" "sender $i: all was acknowledged"
done
rows=$(history_rows "$work/data")
is "$(sqlite3 "$rows" "select mono_ns / 1000000, count(*), count(distinct mono_ns) from cpu group by 1")" \
	"$(for i in 1 2 3 4; do echo "$i|$((2 * count))|$count"; done)" "each acknowledged sample is there, once"
done_testing
