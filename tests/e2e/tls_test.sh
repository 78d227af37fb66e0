#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page by TLS: which TLS, what is refused, other certificates, slow readers, WebSockets, handshakes
# that come to no end or too often, and descriptors.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
nodes=1000
# make_pair NAME OUT: a certificate of that name, and its key.
make_pair() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$work/$2.key" -out "$work/$2.pem" 2>/dev/null
}
make_pair localhost tls
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
is "$(python3 tests/e2e/keep_alive.py "$(port)" tls | awk '{ print $2 }' | xargs)" "20 20 20" \
	"an answer is one segment: nobody waits for what acknowledges the first of two"
check "the log says who speaks no good TLS" grep -q 'speak no TLS .* (from 127.0.0.1;' "$work/collector.log"
client -tls1_3 -sess_out "$work/session" >/dev/null
check "no tickets are given, and so no early data" [ ! -s "$work/session" ]
is "$(client -tls1_2 -reconnect | grep -c '^Reused')" 0 "no session is taken up again"
told() { grep -qa 'no renegotiation' "$work/again"; }
(echo R; wait_for 10 told) | timeout 10 openssl s_client -connect "127.0.0.1:$(port)" -tls1_2 >"$work/again" 2>&1
check "a second handshake is refused" told

# Another pair, while a visitor is there.
serves() { says "subject=CN = $1" || says "subject=CN=$1"; }
log_has() { grep -q -- "$1" "$work/collector.log"; }
answers() { grep -ao 'HTTP/1.1 200' "$work/kept" | wc -l; }
has_answers() { [ "$(answers)" = "$1" ]; }
# reload N: the Nth time that it has read, or refused, its configuration.
reloaded() { [ "$(grep -c 'configuration \(read\|not changed\)' "$work/collector.log")" = "$1" ]; }
reload() {
	kill -HUP "$collector"
	wait_for 10 reloaded "$1"
}
mkfifo "$work/ask"
exec 5<>"$work/ask"
background kept bash -c "exec openssl s_client -quiet -connect 127.0.0.1:$(port) <&5"
ask() { printf 'GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\n\r\n' >&5; }
ask
check "a visitor is there" wait_for 5 has_answers 1
make_pair second second
cp "$work/second.key" "$work/tls.key"
cp "$work/second.pem" "$work/tls.pem"
check "the first certificate is served until SIGHUP" serves localhost
reload 1
check "then the other one" serves second
ask
check "who was there stays" wait_for 5 has_answers 2
make_pair third third
cp "$work/third.pem" "$work/tls.pem"
reload 2
check "a key of another certificate is refused, by the option's name" log_has "error: --tls-key $work/tls.key: .*key"
check "and the former pair is served" serves second
echo nothing >"$work/tls.pem"
reload 3
check "so is what is no certificate" log_has "error: --tls-cert $work/tls.pem: "
cp "$work/third.pem" "$work/tls.pem"
rm "$work/tls.key"
reload 4
check "and a key that is not there" log_has "error: --tls-key $work/tls.key: .*read"
is "$(grep -c 'not changed; going on as before' "$work/collector.log")" 3 "each time it says that it goes on"
check "the former pair is still served" serves second
cp "$work/third.key" "$work/tls.key"
reload 5
check "until a whole one is there" serves third
ask
check "who was there before all of that still is" wait_for 5 has_answers 3
exec 5>&-

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
check "60 visitors have a quarter of the descriptors, of which $before were there before" \
	within $((before + 21)) "${most:-0}" $((before + (300 - before) / 4 + 3))
done_testing
