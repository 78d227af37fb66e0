#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration file: what is wrong is named by file, line and key; SIGHUP
# reads it again without a gap; what systemd is told; the unit.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
conf=$work/shipper.conf

# wrong TEXT LINE: a file of that content, with that complaint.
wrong() {
	printf '%b' "$1" >"$conf"
	"$B/ktach-shipper" --config "$conf" --check-config >"$work/out" 2>&1
	is "$? $(cat "$work/out")" "2 ktach-shipper: $conf:$2" "refused: ${1//\\n/ }"
}

printf '[shipper]\ncollector = 192.0.2.7:99, [::1]\nunsealed = yes\ntransport=tcp\ninterval = 100ms\nno-net = yes ; here\n' >"$conf"
is "$("$B/ktach-shipper" --config "$conf" --check-config 2>&1)" "$conf: good" "a good file is said to be good"
wrong 'interval = 5\n' "1: interval: '5': expected a duration such as 500ms from 1ms to 1h"
wrong '\n# x\n[shipper]\nintervall = 5s\n' "4: intervall: no such key; did you mean 'interval'?"
wrong '[shipper]\ntransport = sctp\n' "2: transport: 'sctp': expected udp|tcp"
wrong '[shipper]\nlo = perhaps\n' "2: lo: 'perhaps': expected yes or no"
wrong '[shipper]\nqueue = 12\n' "2: queue: '12': expected a number from 131072 to 1073741824"
printf '[collector]\nlisten = x\n' >"$conf"
check "refused: [collector], and the sections are named" \
	told "^ktach-shipper: $conf:2: listen: \[collector\]: no such section; expected none, \[shipper\], \[cpu\], .*, \[net\]\$" \
	"$B/ktach-shipper" --config "$conf" --check-config
wrong '[shipper]\ncollector = 127.0.0.1:65536\n' \
	"2: collector: '127.0.0.1:65536': expected HOST, HOST:PORT or [HOST]:PORT, or up to 16 of them with commas between"
printf '[shipper]\nno-net = yes\ncollector = 192.0.2.7\n' >"$conf"
check "refused: another host without a key" told "$conf:3: collector: '192.0.2.7': another host, and there is no key" \
	"$B/ktach-shipper" --config "$conf" --check-config
check "what the command line said is blamed on it" told "ktach-shipper: --collector '192.0.2.8': another" \
	"$B/ktach-shipper" --config "$conf" --collector 192.0.2.8 --check-config
printf '[shipper]\nkey = %s\n' "$work/no.key" >"$conf"
check "refused: a key that is not there" told "$conf:2: key: '$work/no.key': cannot be used" \
	"$B/ktach-shipper" --config "$conf" --check-config
wrong '[cpu]\nintervall = 5s\n' "2: intervall: no such key; did you mean 'interval'?"
wrong '[net]\nenabled = 2\n' "2: enabled: '2': expected yes or no"
wrong '[shipper]\njust words\n' "2: expected 'key = value' or '[section]'"
wrong 'spool = /x\n' "1: spool: '/x': nobody acknowledges datagrams; use it with transport tcp"
wrong 'config = /x\n' "1: config: no such key"
"$B/ktach-shipper" --config "$work/none" >"$work/out" 2>&1
is "$? $(cat "$work/out")" "2 ktach-shipper: $work/none: No such file or directory" "a file that is named must be there"
printf 'interval = 5s\n' >"$conf"
is "$("$B/ktach-shipper" --config "$conf" --interval 7 --check-config 2>&1 | head -n 1)" \
	"ktach-shipper: --interval '7': expected a duration such as 500ms from 1ms to 1h" "the command line is checked, too"
# Every option is a key.
"$B/ktach-shipper" --help | sed -n 's/^ .*--\([a-z-]*\) .*/\1/p' | grep -vxE 'config|check-config|make-id|help|version' >"$work/keys"
check "there are keys to try" test "$(wc -l <"$work/keys")" -ge 12
while read -r key; do
	case $key in
	interval | ship | flush | patience) value=2s ;;
	queue) value=200000 ;;
	datagram) value=65507 ;;
	spool-size) value=2000000 ;;
	*) value=x ;;
	esac
	printf '%s = %s\n' "$key" "$value" >"$conf"
	"$B/ktach-shipper" --config "$conf" --check-config 2>&1
done <"$work/keys" | grep 'no such key' >"$work/unknown"
is "$(cat "$work/unknown")" "" "every option is a key"

# --- SIGHUP: another name, interval and collector, and no gap
collector_start
first=$feed first_data=$work/data
stall_watch
background two.log "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/two"
two=$!
wait_for 5 grep -q 'listening on' "$work/two.log"
second=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/two.log")
configure() {
	printf '[shipper]\ncollector = 127.0.0.1:%s\nname = %s\ninterval = %s\nship = 100ms\n' "$@" >"$conf"
}
configure "$first" before 50ms
python3 tests/e2e/notified.py "$work" "$work/shipper.log" "$B/ktach-shipper" --config "$conf" \
	--transport tcp --no-net --state "$work/state" &
pids+=($!)
watcher=$!
check "the file is read: its name shows up" wait_for 10 api nodes/before '.cpu.share != null'
is "$(head -n 1 "$work/notified")" "READY=1" "systemd is told that it runs"
shipper=$(cat "$work/pid")
echo "interval = nonsense" >"$conf"
kill -HUP "$shipper"
check "a broken file is refused, and the shipper goes on" \
	wait_for 5 grep -q "interval: 'nonsense'.*going on as before" "$work/shipper.log"
is "$(grep -c 'configuration read' "$work/shipper.log")" 0 "and does not say that it was read"
configure "$first" after 20ms
kill -HUP "$shipper"
check "SIGHUP: the node has its new name" wait_for 10 api nodes/after '.cpu.share != null'
sleep 0.5
configure "$second" after 20ms
kill -HUP "$shipper"
wait_for 10 sqlite3 "$work/two/history.db" 'select 1 / count(*) from session'
sleep 1
kill "$shipper"
wait "$watcher"
kill "$collector" "$two"
wait "$collector" "$two"
# Both histories together have each tick between the two changes of pace.
one=$(history_rows "$first_data")
two=$(history_rows "$work/two")
sqlite3 "$two" "attach '$one' as one;
	create temp view ticks as select distinct mono_ns / 1000000 as ms from (
		select mono_ns from one.cpu union select mono_ns from main.cpu);
	select count(*), max(gap) from (select ms - lag(ms) over (order by ms) as gap from ticks)" >"$work/gaps"
IFS='|' read -r ticks gap <"$work/gaps"
stall=$(stall_ms)
check "samples go on through all of it ($ticks of them, at most $gap ms apart, on a machine that stalls for $stall)" \
	eval '[ "$ticks" -gt 30 ] && [ "$gap" -lt $((500 + 3 * stall)) ]'
is "$(sqlite3 "$two" "attach '$one' as one;
	select (select stored from one.session) < (select stored from main.session)")" 1 \
	"the second collector goes on with the session"
is "$(sqlite3 "$two" "attach '$one' as one;
	select count(*) from one.cpu a join main.cpu b using (real_ns, cpu)")" 0 "no sample went to both"
grep -c 'WATCHDOG=1' "$work/notified" >"$work/dogs"
check "systemd had its signs of life" test "$(cat "$work/dogs")" -ge 5
is "$(grep -c STOPPING=1 "$work/notified")" 1 "and was told of the end"

if command -v systemd-analyze >/dev/null; then
	mkdir -p "$work/unit"
	sed "s#/usr/sbin/ktach-shipper#$(realpath "$B")/ktach-shipper#" packaging/systemd/ktach-shipper.service \
		>"$work/unit/ktach-shipper.service"
	is "$(systemd-analyze --man=no verify "$work/unit/ktach-shipper.service" 2>&1 | grep ktach-shipper)" "" \
		"systemd finds nothing wrong with the unit"
	exposure=$(systemd-analyze security --offline=true packaging/systemd/ktach-shipper.service 2>/dev/null |
		sed -n 's/.*exposure level.*: \([0-9]*\)\.\([0-9]*\) .*/\1\2/p')
	check "its exposure is at most 2.1 ($exposure)" test "${exposure:-99}" -le 21
else
	skip "systemd finds nothing wrong with the unit" "systemd-analyze is not here"
fi
done_testing
