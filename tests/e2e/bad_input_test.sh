#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What comes in broken is counted by reason, refused with a message, and the
# collector goes on; what keeps it from starting is one clear line.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# send FORMAT: a datagram; printf(1) makes it from FORMAT.
send() {
	# shellcheck disable=SC2059
	printf "$1" >/dev/udp/127.0.0.1/"$feed"
}

# zeros N: as much of a format.
zeros() {
	printf '\\0%.0s' $(seq "$1")
}

# counted REASON N: so many were dropped for it.
counted() {
	check "counted as $1: $2" wait_for 5 api nodes ".dropped.$1 == $2"
	api nodes ".dropped.$1 == $2" || echo "# $(api nodes | jq -c .dropped)"
}

# status PATH [CURL...]
status() {
	local path=$1
	shift
	curl -s -o "$work/body" -D "$work/head" -w '%{http_code}' "$@" "http://$http$path"
}

# live ORIGIN BYTES: open the WebSocket, send BYTES, show what comes back.
live() {
	local server=${http%:*} port=${http##*:}
	exec 3<>"/dev/tcp/$server/$port"
	printf 'GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\n\r\n' \
		"${3:-/api/v1/live}" "$http" "$1" "${4:-ktach-live}" >&3
	sleep 0.3
	# shellcheck disable=SC2059
	printf "$2" >&3 2>/dev/null
	timeout 2 cat <&3 | tr -d '\000'
	exec 3>&-
}

collector_start

# --- frames
send 'nonsense'
counted short 1
send "nonsense$(zeros 80)"
counted magic 1
send "KTCH\x03$(zeros 80)"
counted version 1
send "KTCH\x02\x01\0\0\xff\xff\xff\xff$(zeros 60)"
counted length 1
send "KTCH\x02\x01\0\0$(zeros 63999)"
counted length 2
send "KTCH\x02\x01$(zeros 66)"
counted crc 1
for _ in $(seq 200); do send 'x'; done
counted short 201
is "$(grep -c dropped "$work/collector.log")" 1 "the log has one line about it, not hundreds"

background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name here \
	--state "$work/state" --no-net --interval 100ms
check "a node still comes through" wait_for 10 api nodes/here '.cpu.share != null'
background twin.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name here \
	--state "$work/twin" --no-net --interval 100ms
wait_for 10 api nodes '.nodes | length == 2'
check "two nodes of one name are both there" \
	wait_for 10 api nodes '[.nodes[] | select(.name == "here")] | length == 2'

# --- HTTP
is "$(status /api/v1/nodes/here)" 409 "their name is ambiguous"
is "$(jq '.ids | length' "$work/body")" 2 "and the answer names both ids"
id=$(api nodes | jq -r '.nodes[0].id')
is "$(status "/api/v1/nodes/$id")" 200 "an id is not"
is "$(status /api/v1/nodes/nobody)" 404 "an unknown node is not found"
check "which a JSON document says" jq -e .error "$work/body"
is "$(status /api/v1/nothing)" 404 "an unknown path is not found"
is "$(status /../../etc/passwd --path-as-is)" 404 "nor one that climbs"
is "$(status /api/v1/nodes -X POST)" 405 "POST is not allowed"
is "$(status /api/v1/nodes -X POST -d '{}')" 413 "a body that nobody asked for is not read"
is "$(status /api/v1/nodes -X PUT)" 405 "nor is PUT"
is "$(status /api/v1/nodes --head)" 200 "HEAD is answered"
is "$(status /api/v1/live)" 400 "the WebSocket's path is no page"
is "$(status /)" 200 "the page is there"
check "with headers that confine it" grep -qi "^content-security-policy: default-src 'none'" "$work/head"
check "and keep its type" grep -qi '^x-content-type-options: nosniff' "$work/head"
status /api/v1/nodes >/dev/null
check "figures are asked for again each time, and shared with nobody" \
	grep -qi '^cache-control: private, no-cache' "$work/head"
printf 'BROKEN\r\n\r\n' >"/dev/tcp/${http%:*}/${http##*:}"
check "a URL too long gets nothing" test "$(status "/$(zeros 5000 | tr '\\0' a)")" != 200

# --- WebSocket
check "the live feed pushes" told '"type":"nodes"' live "http://$http" '\x81\x9b\0\0\0\0{"subscribe":{"nodes":"*"}}'
live "http://$http" '\x81\x83\0\0\0\0abc' >"$work/live"
check "a message that is no JSON closes it, with the reason" grep -aq 'expected {"subscribe"' "$work/live"
live "http://$http" '\x82\x83\0\0\0\0abc' >"$work/live"
check "so does a binary one" grep -aq 'expected text' "$work/live"
live "http://$http" "\x81\xfe\x20\x00\0\0\0\0$(zeros 100)" >"$work/live"
check "and one that is too long, by close code 1009" env LC_ALL=C grep -aqP '\x88\x02\x03\xf1' "$work/live"
live "http://evil.example" '' | grep -aq ' 101 '
is $? 1 "a page of another site gets no feed"
live "http://$http" '' /other | grep -aq ' 101 '
is $? 1 "another path has none"
live "http://$http" '' /api/v1/live ktach-ring | grep -aq ' 101 '
is $? 1 "nor has another protocol"
check "after all this the collector goes on" api nodes '.nodes | length == 2 and all(.state == "fresh")'

# --- what keeps it from starting
# refused_collector TEXT PATTERN ARGUMENT...
refused_collector() {
	refused 1 "$1" "$2" "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/other" "${@:3}"
}
refused_collector "UDP port in use" "127.0.0.1:$feed: Address already in use.*--listen" --listen "127.0.0.1:$feed"
refused_collector "HTTP port in use" "$http: Address already in use.*--http" --http "$http"
refused_collector "address of another host" "192.0.2.1:1234.*--listen" --listen 192.0.2.1:1234 --unsealed
refused_collector "data folder that is a file" "$work/state/node-id.*--data" --data "$work/state/node-id"
refused_collector "data folder that can't be made" "/proc/ktach.*--data" --data /proc/ktach
refused_collector "frames from everywhere" "0.0.0.0:0.*--keys" --listen 0.0.0.0:0
refused_collector "HTTP for everybody" '\[::\]:0.*--insecure-remote' --http '[::]:0'
"$B/ktach-collector" --keep forever 2>"$work/usage.log"
is $? 2 "a wrong option value is a usage error"
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$work/locked"
	chmod 755 "$work"
	cp "$B/ktach-collector" "$work/"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$work/ktach-collector" \
		--listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/locked" 2>"$work/refused.log"
	is $? 1 "data folder of somebody else: exit status 1"
	is "$(wc -l <"$work/refused.log")" 1 "data folder of somebody else: one line"
	check "data folder of somebody else: it says what to do" \
		grep -q "$work/locked.*make it writable" "$work/refused.log"
else
	skip "data folder of somebody else" "only root can be somebody else"
fi

kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
done_testing
