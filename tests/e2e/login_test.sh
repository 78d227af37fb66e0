#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may look: tokens, roles, expiry, forgeries, the page's login, TLS, and who
# guesses.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
command -v openssl >/dev/null || skip_all "openssl is not here"

base64url() {
	openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# forge HEADER PAYLOAD SECRET-HEX: a token made by other means than ours.
forge() {
	local signed
	signed=$(printf %s "$1" | base64url).$(printf %s "$2" | base64url)
	printf '%s.%s' "$signed" "$(printf %s "$signed" |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$3" -binary | base64url)"
}

# status PATH [CURL...]: of the answer.
status() {
	local path=$1
	shift
	curl -sk -o /dev/null -w '%{http_code}' "$@" "https://$http$path"
}

# with TOKEN [PATH]
with() {
	status "${2:-/api/v1/nodes}" -H "Authorization: Bearer $1"
}

"$B/ktach-collector" --http 0.0.0.0:0 --data "$work/none" >"$work/refusal" 2>&1
is $? 1 "an address that others reach is refused without --login"
check "and the message says what to do" grep -q 'give --login' "$work/refusal"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
secret=$(awk '$1 == "ktach-key" { print $NF }' "$work/login.key")
"$B/ktach-collector" key --ed25519 --out "$work/pair.pem" 2>/dev/null
is "$? $(stat -c %a "$work/pair.pem" "$work/pair.pem.pub" | xargs)" "0 600 644" "a pair of keys is made"
check "openssl reads both" eval 'openssl pkey -in "$work/pair.pem" -pubout | diff - "$work/pair.pem.pub"'
# Who can read a secret, or a private key, can make tokens; a public key is for all.
for key in login.key pair.pem; do
	for mode in 640 604; do
		(umask 0 && cp "$work/$key" "$work/open.key" && chmod $mode "$work/open.key")
		timeout 20 "$B/ktach-collector" --http 127.0.0.1:0 --listen 127.0.0.1:0 --data "$work/none" \
			--login "$work/open.key" >"$work/refusal" 2>&1
		is "$? $(grep -c "open.key: others may read.*(mode $mode)" "$work/refusal")" "1 1" \
			"$key that others may read ($mode) is refused"
		rm "$work/open.key"
	done
done
cat "$work/pair.pem.pub" "$work/pair.pem.pub" >"$work/open.key"
timeout 20 "$B/ktach-collector" --http 127.0.0.1:0 --listen 127.0.0.1:0 --data "$work/none" --login "$work/open.key" >"$work/refusal" 2>&1
is "$? $(grep -c 'open.key: more than one key' "$work/refusal")" "1 1" "a second key in a file, which would not count, is refused"
rm "$work/open.key"
openssl genpkey -algorithm ed25519 -out "$work/theirs.pem" 2>/dev/null
openssl pkey -in "$work/theirs.pem" -pubout -out "$work/theirs.pub" 2>/dev/null
collector_start --login "$work/login.key,$work/pair.pem.pub,$work/theirs.pub" --tls-cert "$work/tls.pem" --tls-key "$work/tls.key"
http=$(sed -n 's#.*https://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")

make() {
	"$B/ktach-collector" token --key "$work/login.key" "$@"
}
token=$(make --name somebody)
is "$(status /api/v1/nodes)" 401 "without a token nothing is shown"
is "$(status /metrics)" 401 "nor are metrics"
is "$(status /app.js)" 401 "nor is the page"
is "$(with "$token")" 200 "with a token it is, over TLS"
is "$(with "$(make --role admin)")" 200 "an admin may read, too"
is "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/nodes" -H "Authorization: Bearer $token")" 000 \
	"in clear nothing is answered"

is "$(with "$("$B/ktach-collector" token --key "$work/pair.pem" --role admin)")" 200 "a token of the private key is good, too"
is "$("$B/ktach-collector" token --key "$work/pair.pem.pub" 2>&1 | grep -c 'does not sign')" 1 \
	"the public key makes none, and says so"
later=$(($(date +%s) + 1000))
good='{"alg":"HS256","typ":"JWT"}'
is "$(with "$(forge "$good" "{\"sub\":\"x\",\"role\":\"read\",\"exp\":$later}" "$secret")")" 200 \
	"a token that openssl made is as good"
# eddsa PAYLOAD KEY-FILE: a token that openssl makes with Ed25519.
eddsa() {
	local signed
	signed=$(printf %s '{"alg":"EdDSA"}' | base64url).$(printf %s "$1" | base64url)
	printf %s "$signed" >"$work/signed"
	printf '%s.%s' "$signed" "$(openssl pkeyutl -sign -rawin -inkey "$2" -in "$work/signed" | base64url)"
}
claims="{\"sub\":\"x\",\"role\":\"read\",\"exp\":$later}"
is "$(with "$(eddsa "$claims" "$work/theirs.pem")")" 200 "so is one of openssl's Ed25519"
openssl genpkey -algorithm ed25519 -out "$work/other.pem" 2>/dev/null
is "$(with "$(eddsa "$claims" "$work/other.pem")")" 401 "one of another key is not"
hex=$(openssl pkey -pubin -in "$work/theirs.pub" -outform der | tail -c 32 | od -An -tx1 | tr -d ' \n')
is "$(with "$(forge "$good" "$claims" "$hex")")" 401 "a public key is no secret: the algorithm is the key's"
short=$(make --valid 1s)
sleep 2.1
is "$(with "$short")" 401 "one that has expired is refused"
is "$(with "$(forge "$good" "{\"sub\":\"x\",\"role\":\"read\"}" "$secret")")" 401 "one without an expiry, too"
is "$(with "$(forge "$good" "{\"sub\":\"x\",\"role\":\"root\",\"exp\":$later}" "$secret")")" 401 "a role that is not known"
is "$(with "$(forge "$good" "{\"sub\":\"x\",\"role\":\"read\",\"exp\":$later}" "${secret/[0-9]/a}")")" 401 "a wrong key"
is "$(with "$(forge '{"alg":"none"}' "{\"sub\":\"x\",\"role\":\"read\",\"exp\":$later}" "$secret")")" 401 \
	"the algorithm is pinned, whatever the signature"
is "$(with "${token%.*}.")" 401 "no signature"
is "$(with "${token%??}AA")" 401 "another signature"

is "$(status / -H 'Accept: text/html')" 401 "a browser is asked"
check "with a form" told 'action="/login"' curl -sk -H 'Accept: text/html' "https://$http/"
is "$(status /style.css)" 200 "that looks like something"
is "$(curl -sk -c "$work/jar" -o /dev/null -w '%{http_code} %{redirect_url}' --data "token=$token" "https://$http/login")" \
	"303 https://$http/" "the form leads to the page"
check "by a cookie that scripts can't read and that only TLS carries" grep -q '#HttpOnly.*TRUE.*ktach' "$work/jar"
is "$(status /app.js -b "$work/jar")" 200 "the cookie is a token"
is "$(status /api/v1/live -b "$work/jar" --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
	-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
	-H 'Sec-WebSocket-Protocol: ktach-live' -m 2)" 101 "for the WebSocket, too"
is "$(status /api/v1/live --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
	-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
	-H 'Sec-WebSocket-Protocol: ktach-live' -m 2)" 401 "of which there is none without"

# live TOKEN: what a client that only listens gets to see, and how it ends.
live() {
	python3 tests/e2e/live_client.py "$http" "$1"
}
# Long enough for a busy machine to get to it.
live "$(make --valid 15s)" >"$work/live"
is "$(tail -n 1 "$work/live")" "closed 1008" "a WebSocket whose token expires is closed"
check "after it was served" grep -q '^message nodes' "$work/live"

# Handshakes that are begun and not ended: what the collector computes meanwhile.
ticks() { awk '{ print $14 + $15 }' "/proc/$collector/stat"; }
python3 - "${http%:*}" "${http##*:}" <<'E' &
import socket, sys, time
all = [socket.create_connection((sys.argv[1], int(sys.argv[2]))) for _ in range(20)]
for s in all:
    s.send(b"\x16")
time.sleep(4)
E
half=$!
sleep 1
before=$(ticks)
sleep 3
after=$(ticks)
check "half handshakes cost no CPU time: $((after - before)) ticks in 3 s" \
	test $((after - before)) -lt $(($(getconf CLK_TCK) / 2))
wait $half

# Ten at once, then one in 6 s: however slow this is, one of them is too many.
for _ in $(seq 40); do
	last=$(status /api/v1/nodes -D "$work/head" -H "Authorization: Bearer wrong.token.indeed")
	[ "$last" != 429 ] || break
done
is "$last" 429 "who guesses has to wait"
check "and is told how long" grep -qi '^retry-after: [1-9]' "$work/head"
is "$(status /style.css)" 200 "what is open stays open"
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"

# A list with a line that is none, or that can't be read, whoever tries.
"$B/ktach-collector" key --out "$work/other.key" 2>/dev/null
collector_start --login "$work/other.key"
plain() { curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" "http://$http/api/v1/nodes"; }
revoke() { "$B/ktach-collector" token --data "$work/data" --revoke "$@"; }
first=$("$B/ktach-collector" token --key "$work/other.key" --name 0123456789abcdef0123456789abcdef)
second=$("$B/ktach-collector" token --key "$work/other.key" --name second)
secret=$(awk '$1 == "ktach-key" { print $NF }' "$work/other.key")
spaced=$(forge "$good" "{\"sub\":\"J. Doe (ops)\",\"role\":\"view\",\"exp\":$later}" "$secret")
is "$(plain "$first") $(plain "$second") $(plain "$spaced")" "200 200 200" "three tokens are good"
check "a name that looks like an id is revoked" revoke 0123456789abcdef0123456789abcdef
check "so is one with spaces" revoke "J. Doe (ops)"
gone() { [ "$(plain "$first") $(plain "$second") $(plain "$spaced")" = "401 200 401" ]; }
check "within seconds, and nobody else" wait_for 20 gone
echo "name second" >>"$work/data/revoked-tokens"
kept() { grep -q 'revoked-tokens:4: expected' "$work/collector.log" && grep -q 'tokens stay revoked as before' "$work/collector.log"; }
check "a line that is none is named, and the list stays as it was" wait_for 20 kept
check "nobody is let in, or kept out, by it" gone
refusal=$(revoke second 2>&1)
is "$? $(echo "$refusal" | grep -c 'revoked-tokens:4: expected\|nothing was revoked')" "1 2" "nothing is added to it, which is said"
kill "$collector"
wait "$collector"
# unlisted DATA: who would start with that folder's list.
unlisted() {
	timeout 20 "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --login "$work/other.key" --data "$1" >"$work/refusal" 2>&1
	is "$? $(grep -c 'revoked-tokens: not taken over; correct it' "$work/refusal")" "1 1" "$2"
}
unlisted "$work/data" "it does not start with such a list"
mkdir -p "$work/unread/revoked-tokens"
unlisted "$work/unread" "nor with one that can't be read"
done_testing
