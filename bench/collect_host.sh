#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bytes a value of what a collector keeps of a real host: whole hours of samples
# with their rollups of 1 min and 5 min, by pages of the file, beside a row a
# sample in CSV, compressed by zstd as one stream.
#
#   HISTORY=DIR NODE=NAME bash bench/collect_host.sh
#
# of a history that is there, or, without HISTORY, of this host: a shipper and a
# collector run until an hour of the clock is over and packed, up to two hours.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
S=3600

record() {
	local begin end
	"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" >"$work/log" 2>&1 &
	pids+=($!)
	until grep -q 'listening on' "$work/log"; do sleep 0.1; done
	"$B/ktach-shipper" --collector "127.0.0.1:$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/log")" \
		--state "$work/state" --name "$node" --no-net >"$work/shipper.log" 2>&1 &
	pids+=($!)
	begin=$(date +%s)
	end=$(((begin / S + 2) * S + 180))
	echo "# recording this host until $(date -d "@$end" +%T)" >&2
	sleep $((end - begin))
}

node=${NODE:-$(hostname)}
history=${HISTORY:-$work/data}
[ -n "${HISTORY:-}" ] || record
sql() { sqlite3 -readonly "$history/history.db" "$1"; }

id=$(sql "select id from node where name = '$node'")
[ -n "$id" ] || { echo "bench/collect_host: no node '$node' in $history" >&2; exit 1; }
# Hours that have ended, but for a first one that may have begun in its middle.
first=$(sql "select min(id >> 24) from raw where id & 0xffffff = $id")
hours=$(sql "select id >> 24 from raw where id & 0xffffff = $id and id >> 24 > $first
	and id >> 24 not in (select slot from part where node = $id) and id >> 24 < strftime('%s') / $S")
[ -n "$hours" ] || { echo "bench/collect_host: no whole hour of '$node' in $history" >&2; exit 1; }
list=$(paste -sd, <<<"$hours")
# A blob fills pages of its own but for its beginning.
pages() { sql "select coalesce(sum((length(data) + 4091) / 4092 * 4096), 0) from $1 where id & 0xffffff = $id and id >> 24 in ($list)"; }
raw=$(pages raw) minute=$(pages minute) five=$(pages five)

for table in node cpu softirq net gauges counters disk mount link sensor process core irq; do
	"$B/ktach-collector" export --data "$history" --table $table --node "$node" |
		awk -F, -v hours=" ${list//,/ } " 'NR > 1 && index(hours, " " int($3 / 3.6e12) " ")'
done >"$work/csv"
# Numbers behind the key: texts are none, and an empty field is not known.
read -r values < <(awk -F, '{ for (i = 9; i <= NF; i++) n += $i ~ /^-?[0-9]+$/ }
	END { printf "%.0f\n", n }' "$work/csv")
packed=$(zstd -q -19 -c "$work/csv" | wc -c)

a_value() { awk "BEGIN { printf \"%.2f\", ($1) / $values }"; }
echo "$(wc -w <<<"$hours") hours of $node, $values values"
echo "samples:           $(a_value "$raw") bytes a value"
echo "rollups:           $(a_value "$minute + $five")"
echo "CSV, zstd -19:     $(a_value "$packed")"
all=$(a_value "$raw + $minute + $five")
echo "BAR collect_host_bytes_per_value $all 1 $(awk "BEGIN { print ($all <= 1 ? \"ok\" : \"short\") }")"
