#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ktach as people use it, on /proc: answers, a full screen under tmux, recordings.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
command -v tmux >/dev/null || skip_all "tmux is not installed"
. tests/e2e/collector.sh
. tests/e2e/tmux.sh
ktach=$(realpath "$B/bin/ktach")
export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR

# Something to see: CPU 0 is busy all the time.
background load.log taskset -c 0 sh -c 'while :; do :; done'
load=$!

# fits KIND TEXT COMMAND...: its answer is as documented.
as_documented() { "${@:2}" 2>"$work/err" | python3 tests/e2e/inspector.py "$1"; }
fits() { check "$2" as_documented "$1" "${@:3}"; }

# --- answers
fits figures "the summary in JSON is as documented" "$ktach" --json
fits figures "so is 'show'" "$ktach" show --json
for section in cpu softirq net load; do
	fits "figures:$section" "so is 'show $section'" "$ktach" show "$section" --json
	fits csv "CSV of $section has a title for each column" "$ktach" show "$section" --csv
done
subjects="disk mount link sensor process memory pressure meminfo protocol limit timex system core interrupts facts"
for subject in $subjects; do
	fits "subject:$subject" "so is 'show $subject'" "$ktach" show "$subject" --json --interval 100ms
	"$ktach" show "$subject" --csv --interval 100ms >"$work/csv" 2>"$work/err"
	is "$(python3 -c 'import csv, sys; print(len({len(r) for r in csv.reader(sys.stdin)}))' <"$work/csv")" 1 \
		"CSV of $subject has a title for each column"
done
fits subject:memory "'mem' is memory" "$ktach" show mem --json --interval 100ms
fits figures "'watch' answers an object a line" "$ktach" watch --json --count 3 --interval 100ms
fits csv "'watch' in CSV" "$ktach" watch softirq --csv --count 3 --interval 100ms
fits sources "'sources' in JSON is as documented" "$ktach" sources --json
fits doctor "'doctor' in JSON is as documented" "$ktach" doctor --json
check "a busy CPU is busy" holds '.cpu.cpus[0].busy > 0.9 and .cpu.origin == "proc"' "$ktach" show cpu --json
is "$("$ktach" watch load --count 3 --interval 100ms | wc -l)" 4 "a line of titles and one a sample"
check "memory as text" told "^total .*100.0 %" "$ktach" show mem
"$ktach" show | grep -c $'\033' >"$work/escapes"
is "$(cat "$work/escapes")" 0 "a pipe gets no colours"
"$ktach" >"$work/summary"
is $? 0 "the summary"
if [ -e /dev/cpu_stat_monitor ]; then
	skip "it says that /proc stands in, and which module is missing" "the modules are loaded"
else
	check "it says that /proc stands in, and which module is missing" \
		grep -q 'cpu times from /proc: no /dev/cpu_stat_monitor (modprobe ktach_cpustat)' "$work/summary"
fi

# In a container the host's trees are elsewhere: sections and subjects look there.
bash tests/host/trees.sh arm "$work/arm"
roots=(--proc-root "$work/arm/proc" --sys-root "$work/arm/sys" --root "$work/arm/root")
is "$("$ktach" show cpu --json --from proc --interval 50ms "${roots[@]}" | jq .cpu.online)" 4 "the CPUs of another tree"
is "$("$ktach" show net --csv --from proc --interval 50ms "${roots[@]}" | cut -d , -f 3 | grep -c end0)" 1 "its interfaces"
is "$("$ktach" show mem --json "${roots[@]}" --interval 50ms | jq .memory.total_bytes)" 4294967296 "its memory"
is "$(KTACH_PROC_ROOT=$work/arm/proc KTACH_SYS_ROOT=$work/arm/sys "$ktach" --json --from proc --interval 50ms | jq .memory.total_bytes)" 4294967296 \
	"a tree by the environment"

# --- what is refused
refused 2 "an unknown command" "'shwo': no such command" "$ktach" shwo
refused 2 "an unknown section" "'cpus': expected one of cpu, softirq, net, mem, load, disk" "$ktach" show cpus
refused 2 "a subject by netlink" "--from: not of disk; choose best or proc" "$ktach" show disk --from netlink
refused 2 "two subjects" "'mount': unexpected" "$ktach" show disk mount
refused 1 "a tree that is not there" "$work/none/diskstats" "$ktach" show disk --proc-root "$work/none"
refused 2 "two sections" "'net': unexpected" "$ktach" show cpu net
refused 2 "an unknown origin" "--from 'here': expected one of best, netlink, ring, proc" "$ktach" --from here
refused 2 "CSV of everything" "--csv: name a section" "$ktach" show --csv
refused 2 "JSON and CSV" "choose one" "$ktach" show cpu --json --csv
refused 2 "bursts of CPUs" "--bursts: only with 'show net'" "$ktach" show cpu --bursts
refused 2 "no file" "expected one file" "$ktach" record
refused 2 "a period without a number" "expected: period SOURCE US" "$ktach" set period cpustat
refused 2 "a period that is none" "'fast': expected microseconds" "$ktach" set period cpustat fast
refused 1 "a source that is not there" "no source 'nonsense'.*ktach sources" "$ktach" set period nonsense 1000
refused 1 "bursts that nobody counts" "nothing counts packets below $work/pins" "$ktach" show net --bursts --pins "$work/pins"
if [ ! -e /dev/cpu_stat_monitor ]; then
	refused 1 "rings that are not there" "/dev/cpu_stat_monitor cannot be used.*modprobe ktach_cpustat" "$ktach" --from ring
	refused 1 "netlink that is not there" "no combined samples by netlink.*modprobe" "$ktach" --from netlink
fi
"$ktach" >/dev/full 2>"$work/err"
is $? 1 "a full disk under the output is an error"
if [ "$(id -u)" -eq 0 ]; then
	cp "$ktach" "$work/ktach"
	chmod 755 "$work" "$work/ktach"
	as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups "$work/ktach")
	fits figures "an ordinary user gets figures, too" "${as_nobody[@]}" --json
	check "and the doctor tells what he lacks" \
		holds '.checks[] | select(.name == "rights") | .verdict == "warning"' "${as_nobody[@]}" doctor --json
else
	skip "an ordinary user gets figures, too" "only root can give rights away"
fi
"$ktach" doctor >"$work/doctor"
status=$?
check "the doctor's exit status, $status, is that of its worst finding" \
	eval '[ $status -eq 0 ] || [ $status -eq 3 ] || grep "^failed" "$work/doctor"'
is "$("$ktach" help show)" "$("$ktach" show --help)" "'help show' is 'show --help'"
for command in sources show top watch record replay set doctor; do
	check "ktach $command --help" told "^Usage: ktach $command " "$ktach" $command --help
done

# --- the full screen
terminal 80 24 "'$ktach' top --interval 300ms"
check "top: the busy CPU's bar is full" wait_for 5 shows '^ *0 .* (9[0-9]|100)\.[0-9]$'
is "$(screen | sed -n 1p | grep -c "^$(uname -n)  Linux $(uname -r)")" 1 "top: host and kernel in the first line"
is "$(screen | sed -n '$p' | grep -c '^q quit  p pause')" 1 "top: the keys in the last one of 24"
for pattern in '^load ' '^memory ' '^cpu .* % busy' '^softirqs .*/s' '^timer +[0-9.k]+/s' '^interface .*burst' '^lo '; do
	check "top: a line with '$pattern'" shows "$pattern"
done
check "top: what is missing stands at the foot" eval '[ -e /dev/cpu_stat_monitor ] || shows "modprobe ktach_cpustat"'
time_of() { screen | sed -n '1s/.* \([0-9:]*\)$/\1/p'; }
before=$(time_of)
sleep 1.5
check "top: time goes on" test "$(time_of)" != "$before"
keys p
check "top: p pauses" wait_for 5 shows 'PAUSED'
before=$(screen | head -20)
sleep 1.2
is "$(screen | head -20)" "$before" "top: nothing moves then"
keys p
keys s
check "top: s sorts by activity" wait_for 5 shows 'sort: activity'
keys +
check "top: + makes the interval longer" wait_for 5 shows 'interval: 500ms'
keys - -
check "top: - makes it shorter" wait_for 5 shows 'interval: 100ms'
keys h
check "top: h explains the keys" wait_for 5 shows 'longer or shorter interval'
keys h
check "top: and back" wait_for 5 shows '^cpu .* % busy'
resize 200 50
check "top: 200x50 shows more" wait_for 5 shows 'steal [0-9.]+'
check "top: the keys move to line 50" wait_for 5 eval '[ "$(screen | sed -n 50p | grep -c "^q quit")" = 1 ]'
check "top: lines that are left show how busy the CPUs were" wait_for 5 shows '^ +0 % .*[▁▂▃▄▅▆▇█]{3}'
check "top: a softirq's course runs up to the right" wait_for 5 shows '^timer +[0-9.k]+/s .*[▁▂▃▄▅▆▇█]{3}$'
resize 40 12
check "top: the keys move to line 12" wait_for 5 eval '[ "$(screen | sed -n 12p | grep -c "^q quit")" = 1 ]'
check "top: no line is wider than 40" test "$(widest)" -le 40
check "top: bars are blocks in UTF-8" wait_for 5 shows '█|▓'
check "top: and in colours" shows $'\033\\[[0-9;]*3[0-7]m' -e
keys q
wait_for 30 test -s "$work/status"
is "$(cat "$work/status")" 0 "top: q ends it"
shows '^q quit'
is $? 1 "top: the terminal has its own screen again"
terminal_end

pane=plain
terminal 80 24 "LC_ALL=C NO_COLOR=1 '$ktach' top --interval 200ms"
check "top: bars are # without UTF-8" wait_for 5 shows '^ *0 #+'
shows $'\033\\[[0-9;]*3[0-7]m' -e
is $? 1 "top: no colours with NO_COLOR"
keys C-c
wait_for 30 test -s "$work/status"
is "$(cat "$work/status")" 0 "top: Ctrl-C ends it as q does"
terminal_end

pane=dumb
terminal 80 24 "TERM=dumb '$ktach' top --count 2 --interval 200ms >$work/dumb 2>&1"
wait_for 30 test -s "$work/status"
is "$(cat "$work/status")" 0 "top on a dumb terminal ends after its samples"
terminal_end
is "$(grep -c '^cpu .* % busy' "$work/dumb")" 2 "it prints a screen of lines a sample"
is "$(grep -c $'\033' "$work/dumb")" 0 "without a single escape"

pane=answer
terminal 80 24 "'$ktach'"
wait_for 30 test -s "$work/status"
check "the summary is not wider than 80 columns" [ "$(widest)" -le 80 ]
check "nor higher than 24 lines" [ "$(screen | grep -c .)" -le 24 ]
check "a terminal gets its titles in bold" shows $'\033\\[1m' -e
terminal_end

# Subjects are not wider than the terminal either.
for subject in $subjects; do
	pane=$subject
	terminal 80 50 "'$ktach' show $subject --interval 50ms"
	wait_for 30 test -s "$work/status"
	# With -J a line that the terminal has wrapped is one again.
	is "$(cat "$work/status")" 0 "show $subject ends well"
	check "show $subject fits 80 columns" [ "$(screen -J | sed 's/ *$//' | wc -L)" -le 80 ]
	terminal_end
done

# --- recordings
"$ktach" record --count 5 --interval 100ms "$work/a.ktach" 2>"$work/err"
is $? 0 "five samples are recorded"
fits figures "and replayed in JSON" "$ktach" replay "$work/a.ktach" --json --speed 0
is "$("$ktach" replay "$work/a.ktach" --json --speed 0 | wc -l)" 5 "all five"
"$ktach" replay "$work/a.ktach" cpu --csv --speed 0 >"$work/a.csv"
check "their times go on, and CPU 0 was busy" awk -F, 'NR > 1 && $3 == 0 { if ($1 <= last) bad = 1
	last = $1; if ($4 > 0.8) busy++ } END { exit bad || busy < 4 }' "$work/a.csv"
cp "$work/a.ktach" "$work/kept"
"$ktach" record --count 1 "$work/a.ktach" 2>"$work/err"
is $? 1 "a recording is not written over"
check "it is as it was" cmp -s "$work/a.ktach" "$work/kept"
size=$(stat -c %s "$work/a.ktach")
head -c $((size - 7)) "$work/a.ktach" >"$work/cut.ktach"
"$ktach" replay "$work/cut.ktach" --json --speed 0 2>"$work/err" >"$work/out"
is $? 3 "a recording without its end: exit status 3"
is "$(wc -l <"$work/out")" 4 "its four whole samples are shown"
check "and it says what is missing" grep -q 'end is missing, after 4 whole samples' "$work/err"
python3 - "$work/a.ktach" "$work/bad.ktach" <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read())
	data[len(data) // 2] ^= 4
	open(sys.argv[2], "wb").write(data)
END
"$ktach" replay "$work/bad.ktach" --json --speed 0 2>"$work/err" >"$work/out"
is $? 3 "a recording with a wrong byte: exit status 3"
is "$(wc -l <"$work/out")" 4 "the other four samples are shown"
refused 1 "a file that is no recording" "is not a recording" "$ktach" replay "$ktach"
refused 1 "a recording that is not there" "No such file" "$ktach" replay "$work/none"

# A recorder that is killed leaves whole samples; one that is told to, all.
"$ktach" record --interval 20ms "$work/killed.ktach" 2>/dev/null &
recorder=$!
sleep 1
kill -9 $recorder
wait $recorder 2>/dev/null
"$ktach" replay "$work/killed.ktach" --json --speed 0 >"$work/out" 2>"$work/err"
status=$?
check "after kill -9 the samples are there" [ "$(wc -l <"$work/out")" -ge 5 ]
check "and replay says how they end: $status" eval '[ $status -eq 0 ] || [ $status -eq 3 ]'
"$ktach" record --interval 20ms "$work/ended.ktach" 2>"$work/err" &
recorder=$!
sleep 0.5
kill -INT $recorder
wait $recorder
is $? 0 "SIGINT ends a recording in order"
said=$(sed -n 's/.*: \([0-9]*\) samples$/\1/p' "$work/err")
is "$("$ktach" replay "$work/ended.ktach" --json --speed 0 | wc -l)" "$said" "it has as many samples as were said"
if [ "$(id -u)" -eq 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=16k tmpfs "$work/small"; then
	"$ktach" record --interval 5ms "$work/small/full.ktach" 2>"$work/err"
	is $? 1 "a full disk ends the recording"
	check "it says so" grep -q 'cannot write the recording: No space left' "$work/err"
	"$ktach" replay "$work/small/full.ktach" --json --speed 0 >"$work/out" 2>/dev/null
	check "what was written is there" test "$(wc -l <"$work/out")" -ge 2
	umount "$work/small"
else
	skip "a full disk ends the recording" "only root can mount a small one"
fi
pane=replay
terminal 80 24 "'$ktach' replay '$work/a.ktach' top"
check "a recording plays in top, up to its end" wait_for 5 shows 'end of the recording'
check "with what was seen then" shows '^ *0 .* (9[0-9]|100)\.[0-9]$'
keys q
wait_for 30 test -s "$work/status"
is "$(cat "$work/status")" 0 "and q ends it"
terminal_end
kill "$load"
done_testing
