#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sealed frames, by UDP and TCP, from keys that `ktach-collector key` made; what
# is forged, changed, replayed or sealed with another key is counted and dropped.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

key() { "$B/ktach-collector" key "$@"; }

# --- keys
mkdir "$work/keys"
key --out "$work/keys/fleet.key" 2>"$work/key.log"
is $? 0 "a fleet key is made"
is "$(stat -c %a "$work/keys/fleet.key")" 600 "readable by its owner only"
key --out "$work/keys/fleet.key" 2>"$work/key.log"
is $? 1 "a key is not overwritten"
check "which it says" grep -q 'never overwritten' "$work/key.log"
# A shipper that is started once has an id; its frames are refused nowhere yet.
id=11111111-2222-3333-4444-555555555555
mkdir "$work/state" "$work/other"
echo "$id" >"$work/state/node-id"
echo 99999999-2222-3333-4444-555555555555 >"$work/other/node-id"
key --fleet "$work/keys/fleet.key" --node "$id" --out "$work/node.key" 2>"$work/key.log"
is $? 0 "a node's key is derived"
is "$(key --fleet "$work/keys/fleet.key" --node "$id" | awk '/^ktach/ { print $6 }')" \
	"$(awk '/^ktach/ { print $6 }' "$work/node.key")" "always the same one"
key --fleet "$work/node.key" --node "$id" >"$work/out" 2>"$work/key.log"
is $? 1 "a node key is no fleet key"
key --node nobody >"$work/out" 2>"$work/key.log"
is $? 1 "a node is named by its id"
key --node "$id" --out "$work/keys/single.key" 2>"$work/key.log"

# --- who refuses what
# A program, as it is started by others and ended by its pid: ship STATE OPTION...
cat >"$work/ship" <<END
#!/bin/sh
state=\$1
shift
exec "$(realpath "$B")/ktach-shipper" --state "$work/\$state" --name "\$state" --no-net --interval 20ms --ship 20ms "\$@"
END
chmod +x "$work/ship"
ship=$work/ship
refused 2 "shipper to another host without a key" '--key.*--unsealed' "$ship" state --collector 192.0.2.1
refused 2 "shipper to a name without a key" '--key.*--unsealed' "$ship" state --collector localhost.example
refused 2 "one of several collectors elsewhere" '--key.*--unsealed' "$ship" state --collector '127.0.0.1,192.0.2.1'
refused 1 "collector for other hosts without keys" '--keys.*--unsealed' \
	"$B/ktach-collector" --listen 0.0.0.0:0 --http 127.0.0.1:0 --data "$work/none"
refused 1 "a key of another node" "no key for this node, 99999999-" \
	"$ship" other --collector 127.0.0.1 --key "$work/node.key"
chmod 644 "$work/node.key"
refused 1 "a key that others can read" 'chmod 600' "$ship" state --collector 127.0.0.1 --key "$work/node.key"
chmod 600 "$work/node.key"
echo "ktach-key 1 fleet 12345678 123" >"$work/bad.key"
chmod 600 "$work/bad.key"
refused 1 "a key that is broken" 'bad.key:1' "$ship" state --collector 127.0.0.1 --key "$work/bad.key"
refused 1 "keys that are not there" 'absent' "$ship" state --collector 127.0.0.1 --key "$work/absent"

# --- sealed, by UDP, and somebody in between
collector_start --keys "$work/keys"
coproc TAMPER { exec python3 tests/e2e/tamper.py "$feed"; }
# shellcheck disable=SC2153
read -r between <&"${TAMPER[0]}"
tamper() {
	echo "$*" >&"${TAMPER[1]}"
	read -r _ <&"${TAMPER[0]}"
}
background shipper.log "$ship" state --collector "127.0.0.1:$between" --key "$work/node.key"
shipper=$!
check "a sealed node shows up" wait_for 10 api nodes/state '.cpu.share != null'
is "$(api nodes | jq -c '[.dropped[]] | add')" 0 "and nothing is dropped"

counted() {
	check "counted as $1: $2" wait_for 5 api nodes ".dropped.$1 == $2"
	api nodes ".dropped.$1 == $2" || echo "# $(api nodes | jq -c .dropped)"
}
# Header: kind, flags, length, key id, node, boot, session, sequence, time; then
# ciphertext, nonce, tag.
for byte in 32 48 56 64 71 72 100 -41 -40 -20 -16 -1; do
	tamper flip $byte
done
counted forged 12
tamper flip 5
counted forged 13
tamper flip 7
counted flags 1
tamper flip 12
counted key 1
tamper flip 16
counted forged 14
tamper cut 1
counted length 1
tamper twice
counted duplicate 1
tamper keep
tamper replay
counted duplicate 2
# A new start is a new session; what is replayed of any before it is no news.
restart() {
	kill $shipper
	wait $shipper
	background shipper.log "$ship" state --collector "127.0.0.1:$between" --key "$work/node.key" "$@"
	shipper=$!
	check "session $sessions shows up" wait_for 10 api nodes/state ".sessions == $sessions"
	sessions=$((sessions + 1))
}
sessions=2
restart
tamper replay
counted straggler 1
restart --interval 2ms --ship 2ms
tamper replay
counted straggler 2
is "$(api nodes/state | jq .sessions)" 3 "nor does a replay begin a session"
# Out of order is news, unless the window has gone on without it.
tamper hold
sleep 0.3
tamper release
sleep 0.3
counted late 0
lost=$(api nodes/state | jq .lost)
tamper hold
received=$(api nodes/state | jq .received)
wait_for 20 api nodes/state ".received > $((received + 1100))"
tamper release
counted late 1
is "$(api nodes/state | jq .lost)" $((lost + 1)) "it stays lost"

# --- other keys
key --out "$work/stranger.key" 2>/dev/null
background stranger.log "$ship" other --collector "127.0.0.1:$feed" --key "$work/stranger.key"
check "frames under an unknown key are counted" wait_for 5 api nodes '.dropped.key > 1'
background open.log "$ship" other --collector "127.0.0.1:$feed"
check "so are unsealed ones" wait_for 5 api nodes '.dropped.unsealed > 1'
kill $shipper "${pids[@]: -2}"
is "$(api nodes | jq '.nodes | length')" 1 "neither makes a node"

# --- TCP
for name in fleet single; do
	key=$work/node.key
	[ $name = single ] && key=$work/keys/single.key
	background tcp.log "$ship" state --transport tcp --collector "127.0.0.1:$feed" --key "$key" --queue 262144
	shipper=$!
	received=$(api nodes/state | jq .received)
	check "TCP, the $name key: frames arrive" wait_for 20 api nodes/state ".received > $((received + 400))"
	check "TCP, the $name key: acknowledged, or the small queue had no room for them" \
		api nodes/state '.cpu.lost == 0'
	kill $shipper
	wait $shipper
	is $? 0 "TCP, the $name key: the shipper ends"
	is "$(grep -c 'no ktach collector' "$work/tcp.log")" 0 "TCP, the $name key: it knows the collector"
done
# A key is changed without a restart: frames under the old one are still good.
printf 'transport = tcp\ncollector = 127.0.0.1:%s\nkey = %s\n' "$feed" "$work/node.key" >"$work/conf"
background tcp.log "$ship" state --config "$work/conf"
shipper=$!
received=$(api nodes/state | jq .received)
wait_for 10 api nodes/state ".received > $((received + 20))"
sed -i "s#^key = .*#key = $work/keys/single.key#" "$work/conf"
kill -HUP $shipper
wait_for 5 grep -q 'configuration read' "$work/tcp.log"
received=$(api nodes/state | jq .received)
check "a key is changed while frames flow" wait_for 10 api nodes/state ".received > $((received + 50))"
echo "collector = 192.0.2.1" >"$work/conf"
kill -HUP $shipper
check "nor is another host taken without a key" \
	wait_for 5 grep -q 'another host, and there is no key.*going on as before' "$work/tcp.log"
printf 'transport = tcp\ncollector = 127.0.0.1:%s\n' "$feed" >"$work/conf"
kill -HUP $shipper
check "sealing is not given up by a reload" \
	wait_for 5 grep -q 'configuration read; with the next start: key$' "$work/tcp.log"
kill $shipper
wait $shipper
is "$(grep -c 'no ktach collector' "$work/tcp.log")" 0 "and the collector stayed the same one"
background tcp.log "$ship" other --transport tcp --collector "127.0.0.1:$feed"
dropped=$(api nodes | jq .dropped.unsealed)
check "TCP, unsealed: counted" wait_for 10 api nodes ".dropped.unsealed > $dropped"
is "$(api nodes | jq '.nodes | length')" 1 "TCP, unsealed: no node"
done_testing
