#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What visitors get from the collector, in clear and by TLS, while NODES nodes (1000)
# send: bytes of a WebSocket and of a large answer, the time of a small answer on a
# connection that stays, what a hundred half handshakes cost while a WebSocket is
# open, the memory of connections that only wait, and how long visits take while another
# address begins as many handshakes as it can.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
nodes=${NODES:-1000}
work=$(mktemp -d)
collector=
fleet=
stop() {
	local pid
	for pid in $fleet $collector; do kill "$pid" && wait "$pid"; done 2>/dev/null
	fleet='' collector=''
}
trap 'stop; rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-keyout "$work/key" -out "$work/pem" 2>/dev/null

# start plain|tls
start() {
	local tls=()
	how=$1
	[ "$how" = plain ] || tls=(--tls-cert "$work/pem" --tls-key "$work/key")
	rm -rf "$work/data" "$work/log"
	"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/data" "${tls[@]}" >"$work/log" 2>&1 &
	collector=$!
	until grep -qs 'listening on' "$work/log"; do sleep 0.1; done
	feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/log")
	http=$(sed -n 's#.*https*://127.0.0.1:\([0-9]*\)/.*#\1#p' "$work/log")
	"$B/tests/e2e/fleet" 127.0.0.1 "$feed" "$nodes" 8 600 1000 >/dev/null &
	fleet=$!
	sleep 3
}

visit() { "$B/bench/web" "$how" "$http" "$@"; }
cpu_ms() { cat /proc/"$collector"/task/*/schedstat | awk '{ s += $1 } END { printf "%.0f", s / 1e6 }'; }
memory() { awk '/^RssAnon/ { print $2 }' "/proc/$collector/status"; }

# hold COUNT HOW: so many connections; drop: all of them.
holders=()
hold() {
	"$B/bench/web" "$how" "$http" hold "$@" >"$work/held" &
	holders+=($!)
	until grep -q held "$work/held"; do sleep 0.1; done
}
drop() {
	kill "${holders[@]}"
	wait "${holders[@]}" 2>/dev/null
	holders=()
}
# bar NAME VALUE LIMIT least|most
bar() { echo "BAR $1 $2 $3 $([ "$4" = most ] && [ "$2" -le "$3" ] || { [ "$4" = least ] && [ "$2" -ge "$3" ]; } && echo ok || echo short)"; }

for how in plain tls; do
	start $how
	live=$(visit live 5)
	fetched=$(visit fetch /metrics)
	us=$(visit ask 5000)
	before=$(memory)
	hold 100 idle
	idle=$((($(memory) - before) / 100))
	drop
	kill "$fleet" && wait "$fleet" 2>/dev/null
	fleet=
	if [ $how = tls ]; then
		visit flood 8 >"$work/flood" &
		flood=$!
		sleep 1
		read -r median worst < <(visit visit 50)
		wait $flood
	fi
	sleep 2
	hold 1 live
	hold 100 half
	before=$(cpu_ms)
	sleep 5
	rest=$(($(cpu_ms) - before))
	drop
	echo "# $how: a WebSocket $live kB/s, /metrics $fetched kB/s, a small answer $us us, an idle connection $idle kB, 100 half ones $rest ms CPU in 5 s"
	stop
	[ $how = tls ] || { plain_live=$live plain_us=$us; continue; }
	bar websocket_tls_kBps "$live" $((plain_live / 4)) least
	bar answer_tls_us "$us" $((plain_us * 4)) most
	bar half_handshakes_cpu_ms "$rest" 250 most
	bar connection_tls_kB "$idle" 64 most
	echo "# in a flood of handshakes, of which $(cut -d ' ' -f 1 "$work/flood") a second are answered and $(cut -d ' ' -f 2 "$work/flood") not"
	bar visit_in_flood_ms "$median" 100 most
	bar visit_in_flood_worst_ms "$worst" 500 most
done
