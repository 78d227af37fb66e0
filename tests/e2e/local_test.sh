#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# This host's own figures, from /proc through shipper and collector to API and
# SQLite; and what the shipper says when something is missing.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# cpu_ns: user and idle ns of CPU 0 from /proc/stat (100 ticks a second).
cpu_ns() { awk '$1 == "cpu0" { printf "%.0f %.0f\n", $2 * 1e7, $5 * 1e7 }' /proc/stat; }
softirqs() { awk '$1 == "TIMER:" { print $2 }' /proc/softirqs; }

collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --pins "$pins" --name here \
	--state "$work/state" --interval 100ms --ship 100ms
shipper=$!
check "the node shows up, with shares" wait_for 10 api nodes/here '.cpu.cpus[0].share != null'

read -r user_before idle_before < <(cpu_ns)
timer_before=$(softirqs)
sleep 0.5
api nodes/here >"$work/node.json"
sleep 0.2
read -r user_after idle_after < <(cpu_ns)
timer_after=$(softirqs)
# between VALUE LOW HIGH TEXT
between() {
	check "$4" within "$2" "$1" "$3"
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || echo "# $1 is not from $2 to $3"
}
between "$(jq .cpu.cpus[0].user_ns "$work/node.json")" "$user_before" "$user_after" \
	"user time lies between two reads of /proc/stat"
between "$(jq .cpu.cpus[0].idle_ns "$work/node.json")" "$idle_before" "$idle_after" \
	"idle time, too"
between "$(jq .softirq.cpus[0].count.timer "$work/node.json")" "$timer_before" "$timer_after" \
	"timer softirqs lie between two reads of /proc/softirqs"
is "$(jq -r '.cpu.origin + .softirq.origin' "$work/node.json")" procproc "the API says that they come from /proc"
is "$(jq '[.cpu.cpus[] | select(.share == null)] | length' "$work/node.json")" 0 "every CPU has its shares"
# They are of the time that passed, which /proc tells by ticks of 10 ms.
check "the shares of a CPU add up to 1" jq -e '[.cpu.cpus[] | .window_ns as $passed | .share |
	.user + .nice + .system + .idle + .iowait + .irq + .softirq + .steal + .guest + .guest_nice |
	(. - 1) * $passed | fabs < 5e7] | all' "$work/node.json"

check "a frame comes each 100 ms or so" wait_for 10 api nodes '.nodes[0].received >= 30'
kill $shipper
wait $shipper
is $? 0 "the shipper ends cleanly"
check "no frame was lost" api nodes '.nodes | length == 1 and .[0].lost == 0 and .[0].received >= 30'
id=$(cat "$work/state/node-id")
kill "$collector"
wait "$collector"
rows=$(history_rows "$work/data")
is "$(sqlite3 "$rows" 'select distinct node from cpu')" "$id" "the history has the node, by its kept id"
is "$(sqlite3 "$rows" 'select count(*) from (select real_ns, count(*) n from cpu group by real_ns) where n != (select count(distinct cpu) from cpu)')" \
	0 "every sample in the history has all CPUs"
between "$(sqlite3 "$rows" 'select count(distinct real_ns) from cpu')" 10 100000 "and there are many of them"

# What is missing is said in one line, and the rest goes on.
one_line() {
	is "$(wc -l <"$work/$1")" 1 "$3: one line"
	check "$3" grep -q "$2" "$work/$1"
	grep -q "$2" "$work/$1" || sed 's/^/# /' "$work/$1"
}
timeout 2 "$B/ktach-shipper" --unsealed --collector 'no.such.host.invalid' --pins "$pins" --state "$work/state" 2>"$work/resolve.log"
is $? 124 "a collector that cannot be resolved does not end the shipper"
is "$(grep -c 'no.such.host.invalid: .*trying' "$work/resolve.log")" 1 "one line says why, and that it is tried again"
is "$(grep -c 'error' "$work/resolve.log")" 0 "and no line for each attempt"
"$B/ktach-shipper" --collector 'a,,b' --state "$work/state" 2>"$work/list.log"
is $? 2 "a broken list of collectors ends it"
one_line list.log "a,,b" "with one line that shows it"
"$B/ktach-shipper" --interval 5 2>"$work/usage.log"
is $? 2 "a wrong option value is a usage error"
# Nor does a log that nobody reads any more.
mkfifo "$work/pipe"
head -n 1 "$work/pipe" >"$work/first" &
reader=$!
"$B/ktach-shipper" --unsealed --collector 127.0.0.1:9 --transport tcp --no-net --state "$work/state" 2>"$work/pipe" &
shipper=$!
pids+=($!)
wait $reader
kill -HUP $shipper
sleep 1
check "a log that nobody reads does not end it" kill -0 $shipper
kill $shipper
wait $shipper
is $? 0 "it ends cleanly all the same"

# One that can't be read is not overwritten.
mkdir "$work/loop"
ln -s node-id "$work/loop/node-id"
timeout 2 "$B/ktach-shipper" --unsealed --no-net --state "$work/loop" 2>"$work/loop.log"
is "$? $(readlink "$work/loop/node-id")" "124 node-id" "an id that can't be read stays"
check "and the log says so" grep -q "node-id: Too many levels.*this run only" "$work/loop.log"
echo "not an id" >"$work/bad-id"
mkdir "$work/badstate"
echo "not an id" >"$work/badstate/node-id"
"$B/ktach-shipper" --state "$work/badstate" 2>"$work/badid.log"
is $? 1 "a broken node id ends the shipper"
one_line badid.log "node-id" "with one line that names the file"
"$B/ktach-shipper" --make-id --state "$work/badstate" 2>"$work/badid.log"
is $? 1 "nor does --make-id print it"
one_line badid.log "node-id" "but says so in one line"
id=$("$B/ktach-shipper" --make-id --collector 192.0.2.1 --state "$work/newstate")
is $? 0 "--make-id makes one, and needs no key for that"
is "$id" "$(cat "$work/newstate/node-id")" "prints it, and keeps it"
is "$("$B/ktach-shipper" --make-id --state "$work/newstate")" "$id" "and prints the same one again"
"$B/ktach-shipper" --make-id --state "$work/bad-id" >"$work/id" 2>"$work/badid.log"
is $? 1 "an id that can't be kept is an error"
is "$(cat "$work/id")" "" "and not printed"

if [ "$(id -u)" -eq 0 ]; then
	collector_start
	cp "$B/ktach-shipper" "$work/ktach-shipper"
	chmod 755 "$work" "$work/ktach-shipper"
	timeout 2 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$work/ktach-shipper" --collector "127.0.0.1:$feed" --name poor --state "$work/nowhere" 2>"$work/user.log"
	is $? 124 "without rights the shipper goes on"
	is "$(grep -c 'CAP_BPF, CAP_NET_ADMIN' "$work/user.log")" 1 "and says once which rights packets need"
	check "its interfaces come from /proc, and the data says so" \
		wait_for 10 api nodes/poor '.net.origin == "proc"'
	is "$(grep -c 'node.s id is for this run only' "$work/user.log")" 1 "and once that its id is not kept"
else
	skip "without rights the shipper goes on" "only root can give rights away"
fi
done_testing
