#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A shipper whose frames are not taken says why, and what to do: its key was
# withdrawn, with the collector running or stopped meanwhile; it has none where
# one is needed; another host sends with its id. Over UDP the collector tells.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

ship() {
	local log=$1
	shift
	background "$log.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --interval 100ms --ship 200ms --name "$log" "$@"
}
says() { grep -q -- "$2" "$work/$1.log"; }

mkdir -p "$work/state" "$work/keys"
echo 12345678-1234-4234-8234-123456789abc >"$work/state/node-id"
"$B/ktach-collector" key --out "$work/keys/fleet.key" 2>/dev/null
"$B/ktach-collector" key --fleet "$work/keys/fleet.key" --node 12345678-1234-4234-8234-123456789abc --out "$work/node.key" 2>/dev/null
collector_start --keys "$work/keys"

# --- a key that is withdrawn
ship node --transport tcp --key "$work/node.key" --state "$work/state"
shipper=$!
check "with its key its frames are taken" wait_for 20 api nodes/node '.received > 5'
mv "$work/keys/fleet.key" "$work/fleet.away"
"$B/ktach-collector" key --out "$work/keys/other.key" 2>/dev/null
kill -HUP "$collector"
check "without, the shipper says why and what to do" wait_for 20 says node \
	"does not know the key [0-9a-f]* of this node's frames: it was withdrawn.*ktach-collector key --node"
is "$(grep -c 'reset by peer' "$work/node.log")" 0 "and no riddles"
check "the collector says whose frames they are" wait_for 10 says collector \
	"12345678-1234-4234-8234-123456789abc.*key"
mv "$work/fleet.away" "$work/keys/fleet.key"
received=$(api nodes/node | jq .received)
kill -HUP "$collector"
check "with the key again, all arrive" wait_for 60 api nodes/node ".received > $received + 5 and .loss.lost == 0"
kill "$shipper"
wait "$shipper"

# --- anybody asks, in the name of a node and with a key that is none
asked() {
	python3 - "$feed" <<-'END'
		import socket, struct, sys
		node = bytes.fromhex("12345678123442348234123456789abc")
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
		s.sendall(b"KTCH" + struct.pack("<BBHII", 2, 1, 1, 40, 0xdeadbeef) + node * 2 +
		          struct.pack("<QQQ", 5, 9, 0) + bytes(40))
		data = b""
		while len(data) < 2 * (72 + 44) + 72 + 4:
		    data += s.recv(4096)
		print(data[5], data[6], data[-4:][::-1].hex(), len(data))
	END
}
is "$(asked)" "3 1 deadbeef 308" "the answers are about that key, and no other"

# --- none where one is needed
ship bare --transport tcp --unsealed --state "$work/bare"
check "a node without a key is told" wait_for 20 says bare 'takes sealed frames only: give this node a key with --key'
kill "$!"

# --- over UDP
ship quiet --unsealed --state "$work/quiet"
check "another one has its id" wait_for 20 test -s "$work/quiet/node-id"
check "over UDP the collector counts" wait_for 10 api nodes '.dropped.unsealed > 2'
kill "$!"
done_testing
