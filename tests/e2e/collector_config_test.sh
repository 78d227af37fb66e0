#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The collector's configuration file: what is wrong is named by file, line and
# key; SIGHUP takes over keys, tokens and the certificate, all or nothing, and
# loses no frame; what systemd is told; the unit.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
command -v openssl >/dev/null || skip_all "openssl is not here"
conf=$work/collector.conf

# wrong TEXT LINE: a file of that content, with that complaint.
wrong() {
	printf '%b' "$1" >"$conf"
	"$B/ktach-collector" --config "$conf" --check-config >"$work/out" 2>&1
	is "$? $(cat "$work/out")" "2 ktach-collector: $conf:$2" "refused: ${1//\\n/ }"
}

printf '[collector]\nlisten = 127.0.0.1:9\nkeep = 14d\nhistory-size=100\nlog = debug\nunsealed = yes\n' >"$conf"
is "$("$B/ktach-collector" --config "$conf" --check-config 2>&1)" "$conf: good" "a good file is said to be good"
is "$("$B/ktach-collector" --config packaging/systemd/collector.conf --check-config 2>&1)" \
	"packaging/systemd/collector.conf: good" "so is the one that is packaged"
wrong '[collector]\nkeep = 1\n' "2: keep: '1': expected a duration such as 500ms from 1s to 3650d"
wrong '\n# x\n[collector]\nkeeps = 1d\n' "4: keeps: no such key; did you mean 'keep'?"
wrong '[shipper]\nlisten = x\n' "2: listen: [shipper]: no such section; expected none, [collector]"
printf 'tls-cert = /x\n' >"$conf"
check "refused: a certificate without its key" told 'tls-cert and tls-key: both' \
	"$B/ktach-collector" --config "$conf" --check-config
printf 'listen = 0.0.0.0\n' >"$conf"
check "refused: an open port without keys" told 'give --keys' "$B/ktach-collector" --config "$conf" --check-config
# listed KEY VALUE: refused, and named.
listed() {
	printf '%s = %s\n' "$1" "$2" >"$conf"
	local last=${2##*,}
	check "refused: $1 = $2" told "$1: '${last//[/\\[}': expected " "$B/ktach-collector" --config "$conf" --check-config
}
for proxy in proxy.example 10.0.0.0/8 127.0.0.1:80 0::1 127.0.0.1,[::1]; do listed proxy $proxy; done
for host in https://one.example one.example:8766 one.example,two.example/ [::1] one.example.; do listed host $host; done
printf 'proxy = 127.0.0.1,::1, 2001:DB8::2\nhost = one.example, TWO.example,fe80::1\n' >"$conf"
is "$("$B/ktach-collector" --config "$conf" --check-config 2>&1)" "$conf: good" "lists of names and addresses are good"
"$B/ktach-collector" --config "$work/none" >"$work/out" 2>&1
is "$? $(cat "$work/out")" "2 ktach-collector: $work/none: No such file or directory" "a file that is named must be there"
"$B/ktach-collector" --help | sed -n 's/^ .*--\([a-z0-9-]*\) .*/\1/p' |
	grep -vxE 'config|check-config|help|version' >"$work/keys"
check "there are keys to try" test "$(wc -l <"$work/keys")" -ge 15
while read -r key; do
	printf '%s = x\n' "$key" >"$conf"
	"$B/ktach-collector" --config "$conf" --check-config 2>&1
done <"$work/keys" | grep 'no such key' >"$work/unknown"
is "$(cat "$work/unknown")" "" "every option is a key"

# --- SIGHUP
key() {
	"$B/ktach-collector" key "$@" 2>/dev/null
}
certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
}
# subject: of the certificate that is served.
subject() {
	openssl s_client -connect "$http" </dev/null 2>/dev/null | openssl x509 -noout -subject | sed 's/.*= *//'
}
with() {
	curl -sk -o "$work/answer" -w '%{http_code}' -H "Authorization: Bearer $1" "https://$http/api/v1/nodes"
}
# answered COUNT: it has read its file, or refused it, so often.
answered() {
	[ "$(grep -c 'configuration read\|going on as before' "$work/collector.log")" -ge "$1" ]
}
# hup: have it read its file again; what it logs then.
hups=0
hup() {
	hups=$((hups + 1))
	kill -HUP "$collector"
	wait_for 20 answered $hups
	tail -n 1 "$work/collector.log" >"$work/hup"
}
mkdir "$work/keys.d" "$work/state"
head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' | sed 's/\(........\)\(....\)\(....\)\(....\)/\1-\2-\3-\4-/' >"$work/state/node-id"
key --out "$work/keys.d/old.key"
key --out "$work/new.key"
for k in keys.d/old new; do
	key --fleet "$work/$k.key" --node "$(cat "$work/state/node-id")" --out "$work/node-$(basename "$k").key"
done
cp "$work/node-old.key" "$work/node.key"
key --ed25519 --out "$work/first.pem"
key --ed25519 --out "$work/second.pem"
certificate first
configure() {
	printf '[collector]\nlisten = 127.0.0.1:0\nhttp = 127.0.0.1:0\ndata = %s\nkeys = %s\nlogin = %s\n' \
		"$work/data" "$work/keys.d" "$work/$1.pem.pub"
	printf 'tls-cert = %s\ntls-key = %s\n' "$work/tls.pem" "$work/tls.key"
}
configure first >"$conf"
python3 tests/e2e/notified.py "$work" "$work/collector.log" "$B/ktach-collector" --config "$conf" &
watcher=$!
pids+=($!)
check "the collector listens" wait_for 20 grep -q 'listening on' "$work/collector.log"
collector=$(cat "$work/pid")
pids+=("$collector")
feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/collector.log")
http=$(sed -n 's#.*https://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
is "$(head -n 1 "$work/notified")" "READY=1" "systemd is told that it runs"
first=$("$B/ktach-collector" token --key "$work/first.pem")
second=$("$B/ktach-collector" token --key "$work/second.pem")
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --key "$work/node.key" \
	--state "$work/state" --name node --no-net --interval 20ms --ship 100ms
shipper=$!
check "sealed frames come in" \
	wait_for 20 eval 'with "$first" >/dev/null; jq -e ".nodes[0].received > 5" "$work/answer"'
is "$(with "$second") $(subject)" "401 first" "a token of another key is refused"
echo 'keep = nonsense' >>"$conf"
hup
check "a broken file is refused, and the collector goes on" grep -q 'going on as before' "$work/hup"
check "it says what is wrong" grep -q "collector.conf:[0-9]*: keep: 'nonsense'" "$work/collector.log"
configure second >"$conf"
echo nonsense >"$work/tls.pem"
hup
check "so is a broken certificate" grep -q 'going on as before' "$work/hup"
is "$(with "$first") $(with "$second") $(subject)" "200 401 first" "all that it names stays as it was"
certificate second
mv "$work/new.key" "$work/keys.d/"
rm -f "$work/live"
python3 tests/e2e/live_client.py "$http" "$first" >"$work/live" &
live=$!
pids+=("$live")
wait_for 20 grep -q '^message' "$work/live"
hup
check "a good one is taken over" grep -q 'configuration read' "$work/hup"
is "$(with "$first") $(with "$second") $(subject)" "401 200 second" "tokens, the certificate"
wait $live
is "$(tail -n 1 "$work/live")" "closed 1008" "and who looks has to show a token again"
cp "$work/node-new.key" "$work/node.key"
kill -HUP "$shipper"
sleep 0.5
rm "$work/keys.d/old.key"
with "$second" >/dev/null
# shellcheck disable=SC2034 # the eval below reads it
received=$(jq '.nodes[0].received' "$work/answer")
hup
check "the old key of frames is removed" grep -q 'configuration read' "$work/hup"
check "frames with the new key come in" \
	wait_for 20 eval 'with "$second" >/dev/null; jq -e ".nodes[0].received > $received + 20" "$work/answer"'
is "$(jq '[.nodes[0].lost, .dropped.key, .dropped.forged]' -c "$work/answer")" "[0,0,0]" "none was lost or refused meanwhile"
sed -i 's/^listen = .*/listen = 127.0.0.1:1/' "$conf"
hup
check "what needs a restart is said" grep -q 'configuration read; with the next start: listen$' "$work/collector.log"
curl -sk -H "Authorization: Bearer $second" "https://$http/metrics" >"$work/metrics"
for family in process_cpu_seconds_total process_resident_memory_bytes ktach_collector_commit_seconds_total \
	ktach_collector_queued_bytes 'ktach_collector_dropped_total{reason="key"}'; do
	grep -qF "$family " "$work/metrics" || echo "# $family"
done >"$work/missing"
is "$(cat "$work/missing")" "" "it tells of itself"
is "$(awk '$1 == "process_resident_memory_bytes" { print ($2 > 1000000 && $2 < 1000000000) }' "$work/metrics")" 1 \
	"its memory is a likely one"
is "$(awk '$1 == "ktach_collector_commits_total" { c = $2 } $1 == "ktach_collector_commit_seconds_total" { t = $2 }
	END { print (c > 0 && t > 0) }' "$work/metrics")" 1 "so is the time of its commits"
# dogs: how often systemd heard that it lives.
dogs() {
	grep -c 'WATCHDOG=1' "$work/notified"
}
# silent: it has not for a while.
silent() {
	local before
	before=$(dogs)
	sleep 3
	[ "$(dogs)" -eq "$before" ]
}
check "systemd has its signs of life" test "$(dogs)" -ge 3
background hung python3 tests/e2e/hang_threads.py "$collector"
hung=$!
if wait_for 20 grep -q hung "$work/hung"; then
	check "none while the threads that take frames hang, although the main one goes on" wait_for 60 silent
	kill "$hung"
	wait "$hung"
	dogs >"$work/dogs"
	check "and again afterwards" wait_for 60 eval '[ "$(dogs)" -gt "$(cat "$work/dogs")" ]'
	background hung python3 tests/e2e/hang_threads.py "$collector" history
	hung=$!
	wait_for 20 grep -q hung "$work/hung"
	check "none while the history's writer hangs" wait_for 60 silent
	kill "$hung"
	wait "$hung"
	dogs >"$work/dogs"
	check "and again after that" wait_for 60 eval '[ "$(dogs)" -gt "$(cat "$work/dogs")" ]'
else
	skip "none while the threads that take frames hang" "ptrace is not allowed"
fi
kill "$shipper"
wait "$shipper"
kill "$collector"
wait "$watcher"
is $? 0 "the collector ends cleanly"
is "$(grep -c RELOADING=1 "$work/notified") $(grep -c READY=1 "$work/notified")" "5 6" "systemd was told of each reload"
is "$(tail -n 1 "$work/notified")" "STOPPING=1" "and was told of the end"
is "$("$B/ktach-collector" export --data "$work/data" --table cpu |
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "mono_ns") c = i; next } { print $c }' | sort -n | uniq |
	awk 'NR > 1 && $1 - last > 1e9 { gaps++ } { last = $1 } END { print (NR > 20), gaps + 0 }')" "1 0" \
	"the history has no gap"

# What each unit may have, as docs/security.md says.
limit() { sed -n 's/^MemoryMax=//p' "packaging/systemd/ktach-$1.service"; }
is "$(limit collector) $(limit shipper)" \
	"$(sed -n 's/^| memory | \([0-9]*\) GiB (`MemoryMax`) | \([0-9]*\) MiB |$/\1G \2M/p' docs/security.md)" \
	"the units' memory is bounded, as it is written"
is "$(limit agentd)" 64M "that of ktach-agentd, too"

if command -v systemd-analyze >/dev/null; then
	mkdir -p "$work/unit"
	sed "s#/usr/sbin/ktach-collector#$(realpath "$B")/ktach-collector#" packaging/systemd/ktach-collector.service \
		>"$work/unit/ktach-collector.service"
	is "$(systemd-analyze --man=no verify "$work/unit/ktach-collector.service" 2>&1 | grep ktach-collector)" "" \
		"systemd finds nothing wrong with the unit"
	exposure=$(systemd-analyze security --offline=true packaging/systemd/ktach-collector.service 2>/dev/null |
		sed -n 's/.*exposure level.*: \([0-9]*\)\.\([0-9]*\) .*/\1\2/p')
	check "its exposure is at most 1.2 ($exposure)" test "${exposure:-99}" -le 12
else
	skip "systemd finds nothing wrong with the unit" "systemd-analyze is not here"
fi
done_testing
