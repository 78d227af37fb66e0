#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What happens to the history's files, and what is told of it: a second collector,
# a folder that is deleted or replaced, a file system that turns read-only, bits
# that flip. The ledger: frames that were acknowledged are stored, or counted.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# feed FIRST COUNT: frames of five samples, over TCP.
feed() { "$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/feeder" "$1" "$2" 4000 5 patient >"$work/feeder.out" 2>&1; }
settled() { tail -n 1 "$work/feeder.out"; }
end() {
	kill "${1:--TERM}" "$collector"
	wait "$collector" 2>/dev/null
}
# stored FOLDER: how many samples, and how many different ones.
stored() {
	sqlite3 "$(history_rows "$1")" 'select count(*), count(distinct mono_ns) from cpu where cpu = 1'
}
# --- A second one
collector_start --unsealed
"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" --unsealed >"$work/second" 2>&1
is "$? $(grep -c "'$work/data': process $collector writes to it" "$work/second")" "1 1" \
	"a second collector refuses the folder, and names folder and process"
"$B/ktach-collector" check --repair --data "$work/data" >/dev/null 2>"$work/second"
is "$? $(grep -c "process $collector writes to it" "$work/second")" "1 1" "so does a repair"
check "reading is allowed" "$B/ktach-collector" check --data "$work/data"

# --- The database is deleted, the folder is
feed 1 200
is "$(settled)" "shed 0 0 failed 0 left 0" "what is stored is acknowledged"
failing() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/health")" = 503 ]; }
# ended: by itself, with status 1.
ended() {
	wait_for 20 eval '! kill -0 "$collector" 2>/dev/null' || return
	wait "$collector"
	[ $? = 1 ]
}
rm "$work/data/history.db"
feed 201 100 &
feeder=$!
ended
ok $? "a deleted database: the collector ends with status 1, for systemd to start it again" "$work/collector.log"
is "$(grep -c "history.db' was deleted: the collector ends" "$work/collector.log")" 1 "a deleted database: the log says why, once"
port=$feed
rm "$work/collector.log"
background collector.log "$B/ktach-collector" --listen "127.0.0.1:$port" --http 127.0.0.1:0 --data "$work/data" --unsealed
collector=$!
wait $feeder
is "$(settled)" "shed 0 0 failed 0 left 0" "a deleted database: the sender kept what was not acknowledged"
end
is "$(stored "$work/data")" "100|100" "a deleted database: and it is stored by the next collector, once"

# --- The lock is deleted: a second one would be let in
collector_start --unsealed
rm "$work/data/lock"
first=$collector port=$feed
rm "$work/collector.log"
collector_start --unsealed
background first.out "$B/tests/e2e/feeder" tcp "127.0.0.1:$port" "$work/feeder" 301 100 4000 5 patient
feeder=$!
second=$collector collector=$first
ended
ok $? "a deleted lock: of two collectors the first one ends with its next commit" "$work/collector.log"
kill -9 $feeder
collector=$second
feed 301 100
is "$(settled)" "shed 0 0 failed 0 left 0" "a deleted lock: the second one takes frames"
end
is "$(stored "$work/data")" "200|200" "a deleted lock: the first one had taken none of them"

collector_start --unsealed
feed 401 100
mv "$work/data" "$work/moved"
mkdir "$work/data"
feed 501 100 &
feeder=$!
ended
ok $? "a folder in its place: the collector ends" "$work/collector.log"
port=$feed
rmdir "$work/data"
mv "$work/moved" "$work/data"
rm "$work/collector.log"
background collector.log "$B/ktach-collector" --listen "127.0.0.1:$port" --http 127.0.0.1:0 --data "$work/data" --unsealed
collector=$!
wait $feeder
end
# What was written while it was elsewhere came again: it is there once all the same.
is "$(stored "$work/data")" "400|400" "a folder in its place: all is there once"

# --- Bits of the log
rounds=${LONG:+5}
for round in $(seq "${rounds:-1}"); do
	rm -rf "$work/data"
	collector_start --unsealed
	feed 1 1000
	is "$(settled)" "shed 0 0 failed 0 left 0" "bits of the log: all is acknowledged ($round)"
	end -KILL
	sqlite3 "$work/data/history.db" "pragma wal_checkpoint(truncate)" >/dev/null
	frames=$(($(grep -c '^done' "$work/feeder.out")))
	# Where frames lie: behind their marks.
	python3 - "$work/data/history.db" <<'END'
import random, sys
data = bytearray(open(sys.argv[1], "rb").read())
begin, marks, places = -1, set(), []
while (begin := data.find(b"ktachlog", begin + 1)) >= 0:
    marks.add(bytes(data[begin + 8:begin + 16]))
    begin += 32
for mark in marks:
    at = -1
    while (at := data.find(mark, at + 1)) >= 0:
        # Not in a head, nor at the edge of a page, where SQLite's own bytes are.
        if data[at - 8:at] != b"ktachlog" and 100 < at % 4096 < 3900:
            places.append(at + 60)
for place in random.sample(places, 20):
    data[place] ^= 1 << random.randrange(8)
open(sys.argv[1], "wb").write(data)
END
	collector_start --unsealed
	damaged() { api health '.store.damaged_frames > 0 and .status == "damaged"'; }
	check "bits of the log: health says damaged ($round)" wait_for 20 damaged
	lost=$(api health | jq .store.damaged_frames)
	check "bits of the log: 20 at most cost 20 frames ($lost)" [ "$lost" -le 20 ]
	end
	# 'export' says that it is not complete: stored() would end here.
	samples() {
		"$B/ktach-collector" export --data "$work/data" 2>"$work/err" | awk -F, 'NR > 1 && $8 == 1 && !seen[$4]++ { n++ }
			NR > 1 && $8 == 1 { all++ } END { print n "|" all }'
	}
	samples=$(samples)
	check "bits of the log: export says so ($round)" grep -q 'parts of it are damaged' "$work/err"
	is "$((${samples%|*} / 5 + lost)) ${samples#*|}" "$frames ${samples%|*}" \
		"bits of the log: frames stored and counted are those acknowledged ($round)"
	check "bits of the log: check finds them ($round)" eval '! "$B/ktach-collector" check --data "$work/data" >/dev/null 2>&1'
	check "bits of the log: --repair deletes them ($round)" eval '"$B/ktach-collector" check --repair --data "$work/data" >/dev/null 2>&1'
	is "$(samples) $(cat "$work/err")" "$samples " "bits of the log: and no other frame; export is content ($round)"
done

# --- A bit of a chunk
rm -rf "$work/data"
collector_start --unsealed --history-memory 1 # folds soon
"$B/tests/e2e/attacker" churn "$feed" 3600 20 10 >/dev/null
chunk() { sqlite3 "$work/data/history.db" "select min(id) from raw"; }
some() { [ -n "$(chunk)" ]; }
wait_for 30 some
check "a whole history is ok" api health '.status == "ok"'
sqlite3 "$work/data/history.db" "pragma busy_timeout = 5000; update raw set data = zeroblob(length(data)) where id = $(chunk)" >/dev/null
damaged() { api health '.store.damaged_chunks > 0 and .status == "damaged"'; }
check "a damaged chunk: health says damaged before anybody asks for it" wait_for 30 damaged
check "a damaged chunk: it is among the reasons, which the page shows" api health '.reasons | any(test("chunks and 0 frames .* are damaged"))'
check "a damaged chunk: the log names its node" grep -q 'of table raw is damaged, a chunk of node 68686868-' "$work/collector.log"
check "a damaged chunk: so do the metrics" bash -c "curl -fs http://$http/metrics | grep -q 'history_damaged_chunks_total [1-9]'"
end

# --- A chunk of nobody
collector_start --unsealed --history-memory 1
wait_for 30 some
end
node=$(sqlite3 "$work/data/history.db" "select id & 16777215 from minute limit 1")
"$B/ktach-collector" check --repair --data "$work/data" >/dev/null 2>&1
whole=$("$B/ktach-collector" check --data "$work/data")
is $? 0 "a node that is lost: all is whole before"
sqlite3 "$work/data/history.db" "update node set id = 16000000 where id = $node"
"$B/ktach-collector" check --data "$work/data" >"$work/check"
is "$? $(grep -c '^damaged: row' "$work/check" | awk '{ print ($1 > 0) }')" "1 1" "a node that is lost: its chunks are damaged, for check"
collector_start --unsealed
check "a node that is lost: health says so" wait_for 30 damaged
end
sqlite3 "$work/data/history.db" "update node set id = $node where id = 16000000"
is "$("$B/ktach-collector" check --data "$work/data")" "$whole" "a node that is lost: nothing else has changed"

# --- Read-only
ro() {
	local image=$work/image
	truncate -s 64M "$image"
	mkfs.ext4 -q "$image" && mkdir "$work/ro" && mount -o loop "$image" "$work/ro"
}
if [ "$(id -u)" = 0 ] && ro >"$work/ro.log" 2>&1; then
	trap 'finish_mount' EXIT
	finish_mount() { kill -9 "$collector" 2>/dev/null; sleep 0.2; umount -l "$work/ro" 2>/dev/null; finish; }
	rm -rf "$work/data"
	ln -s "$work/ro" "$work/data"
	collector_start --unsealed
	feed 1 100
	mount -o remount,abort "$work/ro"
	feed 101 100 &
	feeder=$!
	check "a read-only file system: health says that the history fails" wait_for 20 failing
	port=$feed
	end -KILL
	umount "$work/ro"
	e2fsck -p "$work/image" >/dev/null 2>&1
	mount -o loop "$work/image" "$work/ro"
	rm "$work/collector.log"
	background collector.log "$B/ktach-collector" --listen "127.0.0.1:$port" --http 127.0.0.1:0 --data "$work/data" --unsealed
	collector=$!
	wait $feeder
	is "$(settled)" "shed 0 0 failed 0 left 0" "a read-only file system: with it writable all is acknowledged"
	end
	is "$(stored "$work/data")" "200|200" "a read-only file system: and there, once"
else
	skip "a read-only file system" "no image can be mounted here"
fi
done_testing
