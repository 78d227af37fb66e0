#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host enrols: its key, its configuration, a first frame; and who may not, or speaks
# to that port otherwise than a shipper does.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

tool() { "$B/ktach-collector" "$@" --data "$work/data"; }
new_token() { tool enroll --new "$@" 2>/dev/null; }
# enroll NAME TOKEN OPTION...: a host of that name does.
enroll() {
	make_host "$1"
	"$B/ktach-shipper" enroll "$port" --token "$2" --config "$work/$1/shipper.conf" --key "$work/$1/node.key" \
		--state "$work/$1/state" "${@:3}"
}
make_host() {
	mkdir -p "$work/$1/state"
	[ -e "$work/$1/shipper.conf" ] || printf '%s\n' '# Ours.' '[shipper]' '#collector = 127.0.0.1' "name = $1" \
		'transport = tcp' 'interval = 100ms' 'no-net = yes' '[disk]' 'enabled = no' >"$work/$1/shipper.conf"
}
# denied TEXT PATTERN NAME TOKEN OPTION...: it may not, and is told why.
denied() {
	make_host "$3"
	refused 1 "$1" "$2" "$B/ktach-shipper" enroll "$port" --token "$4" --config "$work/$3/shipper.conf" --key "$work/$3/node.key" \
		--state "$work/$3/state" "${@:5}"
}
someone() { python3 tests/e2e/enroll.py "$port" "$@"; }
id() { printf '%08x-0000-4000-8000-000000000000\n' "$1"; }
refused_for() { api health ".refused.enroll.$1 >= ${2:-1}"; }

"$B/ktach-collector" key --out "$work/fleet.key" 2>/dev/null
refused 2 "without keys nobody can enrol" 'enroll: expected keys, too' "$B/ktach-collector" --config /dev/null --enroll 127.0.0.1:0 --data "$work/data"
collector_start --keys "$work/fleet.key" --enroll 127.0.0.1:0
port=$(sed -n 's/.*hosts may enrol on //p' "$work/collector.log")

token=$(new_token)
is "${#token}" 68 "a token"
is "$(stat -c %a "$work/data/enroll.pem" "$work/data/enroll-tokens" | xargs)" "600 600" "certificate and list are the collector's alone"
secret=$(python3 -c 'import base64, sys; print(base64.urlsafe_b64decode(sys.argv[1][4:])[:16].hex())' "$token")
check "of the token there is its hash only" grep -q "^$(printf '%s' "$secret" | xxd -r -p | sha256sum | head -c 64) " "$work/data/enroll-tokens"
check "and nowhere else its secret" fails grep -rE "$secret|$token" "$work/data" "$work/collector.log"

check "a host enrols, and its frames arrive" enroll one "$token"
is "$(stat -c %a "$work/one/node.key")" 600 "its key is its own"
is "$(cat "$work/one/shipper.conf")" "$(printf '%s\n' '# Ours.' '[shipper]' "key = $work/one/node.key" '#collector = 127.0.0.1' \
	"collector = 127.0.0.1:$feed" 'name = one' 'transport = tcp' 'interval = 100ms' 'no-net = yes' '[disk]' 'enabled = no')" \
	"its configuration says where to, and the rest is as it was"
check "what came was sealed" api health '.dropped.unsealed == 0 and .dropped.key == 0'
one=$(cat "$work/one/state/node-id")
check "the list says who used it" told "^[0-9a-f]{8}  used +20.*Z  $one\$" tool enroll --list
denied "it is good once" 'was used already' two "$token"
denied "a host with a key keeps it" '--replace' one "$(new_token)"

# Who may not.
short=$(new_token --valid 1s)
check "the list says which one has expired" wait_for 60 told '^[0-9a-f]{8}  expired .*any new host' tool enroll --list
denied "a token expires" 'has expired' two "$short"
token=$(new_token)
tool enroll --revoke "$(tool enroll --list | sed -n 's/  until .*any new host$//p' | tail -n 1)"
denied "a token is taken back" 'is not known' two "$token"
refused 2 "what is no token" 'expected kt1_' "$B/ktach-shipper" enroll "$port" --token kt1_x
denied "a host that is known needs a token of its own" "enroll --new --node $one" one "$(new_token)" --replace
is "$(someone ask "$(new_token --node "$one")" "$(id 7)")" "1 refused" "which no other host may use"
check "it takes another key with that" enroll one "$(new_token --node "$one")" --replace
forged=$(python3 -c 'import base64, os, sys
print("kt1_" + base64.urlsafe_b64encode(os.urandom(16) + base64.urlsafe_b64decode(sys.argv[1][4:])[16:]).decode())' "$token")
denied "a forged token" 'is not known' two "$forged"
other=$(python3 -c 'import base64, os, sys
print("kt1_" + base64.urlsafe_b64encode(base64.urlsafe_b64decode(sys.argv[1][4:])[:16] + os.urandom(32)).decode())' "$(new_token)")
denied "to a collector with another certificate a host says nothing" 'nothing was sent' two "$other"
check "who was refused has no key" test ! -e "$work/two/node.key"
check "and its configuration is as it was" test "$(grep -c 127.0.0.1: "$work/two/shipper.conf")" -eq 0
token=$(new_token)
mapfile -t eight < <(for i in 1 2 3 4 5 6 7 8; do id $i; done)
is "$(someone ask "$token" "${eight[@]}")" "$(printf '1 ktach-key\n7 refused')" "of eight at once one gets a key"
is "$(someone ask "$token" "$(id 9)")" "1 refused" "the same again is refused"
one_by_one() { local i; for i in 21 22 23; do someone ask "$(new_token)" "$(id 20)"; done | xargs; }
is "$(one_by_one)" "1 ktach-key 1 refused 1 refused" "of one node one gets a key, whoever asks"
"$B/ktach-collector" key --revoke "$(id 30)" --data "$work/data" 2>/dev/null
check "whose key was revoked has to wait" wait_for 60 grep -q 'keys of nodes are revoked' "$work/collector.log"
is "$(someone ask "$(new_token --node "$(id 30)")" "$(id 30)")" "1 refused" "it gets none"
check "all of it is counted" refused_for token 14

# Who is no shipper.
is "$(someone old)" "refused" "TLS 1.2 is refused"
is "$(someone garbage)" "done" "garbage is taken"
check "and counted" refused_for handshake
for text in 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' 'ktach-enroll 2 x y\n' '\0\0\0\n' 'ktach-enroll 1 00 00\n' "$(printf 'x%.0s' {1..4000})" \
	"ktach-enroll 1 $(printf '0%.0s' {1..32}) $(id 1)\nktach-enroll 1 $(printf '0%.0s' {1..32}) $(id 1)\n"; do
	is "$(someone say "$text")" closed "no answer to '$(echo "$text" | head -c 20)'"
done
check "these are counted" refused_for request 6
mkfifo "$work/held"
python3 tests/e2e/enroll.py "$port" hold 40 <"$work/held" >"$work/open" &
exec 9>"$work/held"
wait_for 60 test -s "$work/open"
is "$(cat "$work/open")" 8 "an address has a quarter of the places"
check "which are counted" refused_for address 32
check "who says nothing goes after a while" wait_for 60 refused_for slow 8
exec 9>&-
is "$(someone drip "$(new_token)" "$(id 40)")" closed "who drips a good line for longer goes, too"
check "after all that a host enrols" enroll three "$(new_token)" --no-start
export KTACH_COLLECTOR=127.0.0.1:1
check "frames that do not come are told" told 'no frame of this host has arrived' enroll two "$(new_token)" --wait 2s
kill "$collector" && wait "$collector"
is $? 0 "the collector ends well"
check "without a word of trouble" test "$(grep -c 'error:' "$work/collector.log")" -eq 0
done_testing
