# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run [wide]: ktach on the modules. What only a host can
# judge, JSON, goes to the console as "@NAME TEXT". wide: on 255 possible CPUs.
. /test/tap.sh
export TERM=linux TERMINFO=/tmp/terminfo LC_ALL=C
mkdir -p $TERMINFO/l && cp /bin/linux $TERMINFO/l/

mkdir -p /dev/pts && mount -t devpts devpts /dev/pts

# say NAME FILE: a file on one line of the console.
say() {
	echo "@$1 $(tr -d '\n' <"$2")"
}

# has PATTERN FILE TEXT: one point; shows the file when it has not.
has() {
	check "$3" grep -qE -- "$1" "$2"
	grep -qE -- "$1" "$2" || sed 's/^/# /' "$2"
}

# on_screen FILE COMMAND: run it on a terminal of 80x24 that goes to FILE.
on_screen() {
	script -q -c "stty cols 80 rows 24; $2" "$1" >/dev/null
}

ktach doctor >/tmp/out
has '^warning modules .*not installed' /tmp/out "the doctor misses the modules"
insmod /ktach/ktach_aggregator.ko period_us=250000
insmod /ktach/ktach_cpustat.ko period_us=250000
insmod /ktach/ktach_softirq.ko period_us=250000
sleep 2
if [ "${1:-}" = wide ]; then
	ktach show cpu >/tmp/out
	is "$(grep -c 'never came up' /tmp/out)" 251 "show has all possible CPUs"
	on_screen /tmp/out "ktach top --count 2 --interval 500ms"
	has 'busy' /tmp/out "top draws 255 CPUs on 80x24"
	has 'q quit' /tmp/out "and its keys"
	ktach show --json >/tmp/json
	say wide /tmp/json
	done_testing
fi

# --- who tells, and what it costs to change
ktach --json >/tmp/json
say best /tmp/json
ktach sources >/tmp/out
for source in combined cpustat softirq; do
	has "^$source +250ms" /tmp/out "$source is listed"
done
ktach sources --json >/tmp/json
say sources /tmp/json
ktach doctor >/tmp/out
has '^ok +modules .*ktach_softirq loaded' /tmp/out "the doctor finds the modules"
has '^ok +devices .*/dev/cpu_softirq_monitor can be read' /tmp/out "and their devices"
has '^ok +rings +cpustat [0-9]+ samples' /tmp/out "and that they sample"
has '^ok +netlink .*tells of 3 sources' /tmp/out "and the family"
ktach set period cpustat 10ms
is "$?, $(cat /sys/class/ktach/cpustat/period_us)" "0, 10000" "set period takes a duration"
ktach set period combined 100000
ktach sources >/tmp/out
has '^combined +100ms' /tmp/out "and the combined samples, in microseconds"
ktach set period softirq 5 2>/tmp/err
is $? 1 "a period that is too short is refused"
has 'softirq: a period of 5 us is refused.*100 us' /tmp/err "and the limits are told"
is "$(cat /sys/class/ktach/softirq/period_us)" 250000 "nothing changed"
ktach set period cpustat 250ms
ktach set period combined 250ms

# --- one load, seen in three ways at once: 4 s of it
taskset 1 sh -c 'while :; do :; done' &
load=$!
sleep 1
watchers=
for from in proc ring netlink; do
	ktach show --json --from $from --interval 4s >/tmp/$from &
	watchers="$watchers $!"
done
# shellcheck disable=SC2086
wait $watchers
for from in proc ring netlink; do
	say $from /tmp/$from
done
on_screen /tmp/out "ktach top --count 3 --interval 500ms"
has '100\.0|9[0-9]\.[0-9]' /tmp/out "top shows the busy CPU"
has 'busy' /tmp/out "on a screen of its own"
grep -q 'modprobe' /tmp/out
is $? 1 "with nothing missing but packets"

kill $load

# --- a module goes and comes while somebody watches
ktach watch cpu --json --interval 500ms >/tmp/watch &
watcher=$!

# watched ORIGIN: the newest figures are from there.
watched() {
	tail -n 1 /tmp/watch | grep -q "\"origin\":\"$1\""
}

wait_for 60 watched netlink
check "a watched module can be unloaded" rmmod ktach_cpustat
wait_for 60 watched proc
insmod /ktach/ktach_cpustat.ko period_us=250000 timing=1
check "the watcher goes on" wait_for 60 watched netlink
kill $watcher
wait $watcher
while read -r line; do echo "@watch $line"; done </tmp/watch
taskset 1 sh -c 'while :; do :; done' &
load=$!
sleep 2
ktach show --json --from ring --interval 1s >/tmp/exact
kill $load
say exact /tmp/exact
ktach show cpu --from ring >/tmp/out
has 'guest +exact$' /tmp/out "exact times have a column, from a ring too"
on_screen /tmp/out "ktach top --count 2 --interval 500ms"
has 'exact' /tmp/out "and a place in top"

# --- recordings
ktach record --count 4 --interval 500ms /tmp/record 2>/tmp/err
is $? 0 "a recording is made"
ktach replay /tmp/record --json --speed 0 >/tmp/replay
while read -r line; do echo "@replay $line"; done </tmp/replay
ktach watch load --count 3 --interval 300ms >/dev/null &
watcher=$!
sleep 0.5
check "the sources unload" eval 'rmmod ktach_softirq && rmmod ktach_cpustat'
wait $watcher
check "and the aggregator, once nobody asks" rmmod ktach_aggregator
done_testing
