#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two collectors, eight shippers, and what may happen to them: kill -9, SIGSTOP, a
# restart, a clock that is 40 days ahead and behind, a cloned id, a path that eats
# large datagrams. At every moment what the API says of each node, its losses, too, is
# held against a ledger of what its shipper sent, and what the page shows, with its sums,
# against the API; at the end no frame is uncounted and no sample that was
# acknowledged is missing. With LONG=1 clocks are wrong for 20 s, twice over.
# Waits mostly
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/browser.sh
browser_install || exit 1

moment=5 rounds=1
[ -z "${LONG:-}" ] || moment=20 rounds=2
cc -shared -fPIC -O1 -o "$work/clock.so" tests/e2e/preload/clock.c -ldl || exit 1
declare -A pid feed_of http_of
# free: a port that nobody has.
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# collect NAME: start it, or start it again.
collect() {
	rm -f "$work/$1.log"
	background "$1.log" env "LD_PRELOAD=$work/clock.so" "KTACH_CLOCK=$work/$1.offset" "$B/ktach-collector" \
		--listen "127.0.0.1:${feed_of[$1]}" --http "127.0.0.1:${http_of[$1]}" --data "$work/$1"
	pid[$1]=$!
	wait_for 60 grep -q 'listening on' "$work/$1.log"
}
tell() { echo "$*" >&"$ledger"; }
# ship NAME TRANSPORT [OPTION...]
ship() {
	local name=$1
	background "$name.log" "$B/ktach-shipper" --collector "127.0.0.1:$near_a,127.0.0.1:$near_b" --transport "$2" --no-net \
		--interval 200ms --ship 200ms --patience 2s --state "$work/state.$name" --name "$name" "${@:3}"
	pid[$name]=$!
}
ask() { http=127.0.0.1:${http_of[$1]} api "$2" "$3"; }
all_eight() { [ "$(for c in a b; do http=127.0.0.1:${http_of[$c]} api nodes | jq -r '.nodes[] | select(.state == "fresh").name'; done | sort -u | wc -l)" = 8 ]; }

for c in a b; do feed_of[$c]=$(free) http_of[$c]=$(free); done
near_a=$(free) near_b=$(free)
collect a && collect b
ok $? "two collectors listen" "$work"/[ab].log
mkfifo "$work/orders"
exec {ledger}<>"$work/orders"
background ledger python3 -u tests/field/ledger.py "$near_a" "${feed_of[a]}" "${http_of[a]}" "$near_b" "${feed_of[b]}" "${http_of[b]}" "$work/orders"
keeper=$!
check "the ledger is kept" wait_for 60 grep -q '^ready' "$work/ledger"
for n in 1 2 3 4; do ship tcp$n tcp; done
for n in 5 6 7; do ship udp$n udp; done
ship spool8 tcp --spool "$work/spool"
check "eight shippers are fresh" wait_for 60 all_eight
background page env KTACH_PAGES="http://127.0.0.1:${http_of[a]} http://127.0.0.1:${http_of[b]}" KTACH_MODULES="$(realpath "$modules")" \
	TMPDIR="$work" node tests/field/ledger_page.mjs
browser=$!
check "both pages are open" wait_for 90 grep -q '^ready' "$work/page"

for ((round = 0; round < rounds; round++)); do
	tell down A
	kill -9 "${pid[a]}"
	sleep 3
	collect a
	tell up A
	check "kill -9 of a collector: all are fresh again" wait_for 60 all_eight

	kill -9 "${pid[spool8]}"
	ship spool8 tcp --spool "$work/spool"
	tell down B
	kill -STOP "${pid[b]}"
	sleep 6
	kill -CONT "${pid[b]}"
	tell up B
	check "SIGSTOP: all are fresh again" wait_for 60 all_eight

	for days in 40 -40; do
		echo $((days * 86400)) >"$work/a.offset"
		sleep $moment
		echo 0 >"$work/a.offset"
		check "a clock $days days off: all are fresh" wait_for 60 all_eight
	done

	cp -r "$work/state.udp7" "$work/state.clone"
	ship clone udp
	twin() { ask a nodes/"$1" '.clones > 0' || ask b nodes/"$1" '.clones > 0'; }
	id=$(cat "$work/state.udp7/node-id")
	check "a cloned id is named" wait_for 60 twin "$id"
	tell ended clone
	kill "${pid[clone]}"
	rm -rf "$work/state.clone"

	tell down B
	kill "${pid[b]}"
	wait "${pid[b]}"
	collect b
	tell up B
	check "a restart: all are fresh again" wait_for 60 all_eight
done
sleep $((moment + 2))

tell ended tcp1 tcp2 tcp3 tcp4 udp5 udp6 udp7 spool8
for s in tcp1 tcp2 tcp3 tcp4 udp5 udp6 udp7 spool8; do kill "${pid[$s]}" && wait "${pid[$s]}"; done
sleep 2
tell end
wait "$keeper"
kill "$browser"
wait "$browser"
is "$(grep '^wrong' "$work/page")" "" "at every moment the pages showed what the API says, in their sums, too"
compared=$(sed -n 's/^page //p' "$work/page")
check "in ${compared:-0} comparisons" test "${compared:-0}" -gt 50
is "$(grep -c '^wrong' "$work/ledger")" 0 "at every moment the API said what the ledger says"
grep '^wrong' "$work/ledger" | sed 's/^/# /' | head -20
book=$(grep '^{' "$work/ledger")
check "in $(jq .compared <<<"$book") comparisons" test "$(jq .compared <<<"$book")" -gt 100
is "$(jq .swallowed <<<"$book")" 0 "no datagram was larger than every path takes"
# counted NAME [REASON]: frames that the two collectors know of, that came or are missing; and
# those of other sessions that they dropped.
counted() {
	for c in a b; do http=127.0.0.1:${http_of[$c]} api "nodes/$1" | jq ".loss.received + .loss.lost$2"; done | awk '{ n += $1 } END { print n + 0 }'
}
sent() { jq ".sent[\"$(cat "$work/state.$1/node-id")\"]" <<<"$book"; }
for s in tcp1 tcp2 tcp3 tcp4 spool8; do
	check "each frame of $s came somewhere, and none is lost" [ "$(counted $s)" -ge "$(sent $s)" ]
done
for s in udp5 udp6; do
	is "$(counted $s)" "$(sent $s)" "each frame of $s came, or is counted as lost"
done
# A clone's frames are its node's: dropped while the other is there, and missing, too, once it is let in.
check "each frame of udp7 and its clone came, or is counted as lost ($(counted udp7)), or as another's ($(counted udp7 ' + .loss.straggler + .loss.clone'))" \
	eval '[ "$(counted udp7)" -le "$(sent udp7)" ] && [ "$(counted udp7 " + .loss.straggler + .loss.clone")" -ge "$(sent udp7)" ]'
for c in a b; do
	kill "${pid[$c]}"
	wait "${pid[$c]}"
	"$B/ktach-collector" export --data "$work/$c" --table cpu >"$work/csv"
	awk -F, 'NR > 1 { print "acked", $1, $4 }' "$work/csv" >>"$work/stored"
	awk -F, -v c=$c 'NR > 1 { print c, $2, $4, $8 }' "$work/csv"
done >"$work/samples"
grep '^acked' "$work/ledger" | sort -u >"$work/acked"
check "$(wc -l <"$work/acked") samples of five nodes were acknowledged" [ "$(cut -d ' ' -f 2 "$work/acked" | sort -u | wc -l)" = 5 ]
is "$(sort -u "$work/stored" | comm -23 "$work/acked" - | head -5)" "" "each of them is in a history"
is "$(sort "$work/samples" | uniq -d | wc -l)" 0 "no history has a sample twice"
# The longest gap of a TCP node over both histories, ms.
gap() {
	awk -v n="$1" '$2 == n { print int($3 / 1000000) }' "$work/samples" | sort -nu | awk 'NR > 1 && $1 - l > m { m = $1 - l } { l = $1 } END { print m + 0 }'
}
for s in tcp1 tcp2 tcp3 tcp4; do
	longest=$(gap $s)
	check "no sample of $s is missing (at most $longest ms apart)" within 1 "$longest" 1499
done
done_testing
