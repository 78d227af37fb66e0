#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page by TLS: which TLS, what is refused, slow readers, WebSockets, handshakes
# that come to no end or too often, and descriptors.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
nodes=1000
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
tls=(--tls-cert "$work/tls.pem" --tls-key "$work/tls.key")

port() { sed -n 's#.*https://127\.0\.0\.1:\([0-9]*\)/.*#\1#p' "$work/collector.log"; }
# client OPTION...: of openssl; its input is what is sent, or commands.
client() { timeout 10 openssl s_client -connect "127.0.0.1:$(port)" "$@" 2>&1 </dev/null; }
# says TEXT OPTION...: what it prints has that in it.
says() { client "${@:2}" | grep -qa -- "$1"; }

collector_start "${tls[@]}"
check "TLS 1.1 is refused, by an alert" says 'alert protocol version' -tls1_1 -cipher DEFAULT@SECLEVEL=0
check "HTTP/1.1 is spoken" says 'ALPN protocol: http/1.1' -alpn h2,http/1.1
check "HTTP/2 is not" says 'alert no application protocol' -alpn h2
check "the log says who speaks no good TLS" grep -q 'speak no TLS .* (from 127.0.0.1;' "$work/collector.log"
client -tls1_3 -sess_out "$work/session" >/dev/null
check "no tickets are given" [ ! -s "$work/session" ]
told() { grep -qa 'no renegotiation' "$work/again"; }
(echo R; wait_for 10 told) | timeout 10 openssl s_client -connect "127.0.0.1:$(port)" -tls1_2 >"$work/again" 2>&1
check "a second handshake is refused" told

background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" $nodes 4 600 1000
have_nodes() { curl -fsk "https://127.0.0.1:$(port)/api/v1/nodes" | jq -e ".nodes | length == $nodes" >/dev/null; }
check "$nodes nodes" wait_for 15 have_nodes
check "the visit ran to its end" into "$work/visit" python3 tests/e2e/tls_client.py "$(port)" $nodes "$collector"
points "$work/visit"
check "the log says whose handshakes were refused" grep -q 'begins TLS more often .* (from 127.0.0.2;' "$work/collector.log"
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"

# What a visitor by TLS has of descriptors is counted.
under=(prlimit --nofile=300:300)
collector_start "${tls[@]}"
before=$(ls "/proc/$collector/fd" | wc -l)
most=$(python3 tests/e2e/tls_client.py "$(port)" 0 "$collector" crowd)
[ "${most:-0}" -gt $((before + 20)) ] && [ "$most" -le $((before + (300 - before) / 4 + 3)) ]
ok $? "60 visitors have a quarter of the descriptors: $most, of which $before were there before"
done_testing
