#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Options of both programs from the environment, and what stands above and below
# it; files with the process id.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# typed PROGRAM: its options whose values can be wrong.
typed() {
	"$B/$1" --help | sed -nE 's/^  (-[a-z], |    )--([a-z0-9-]+)( ([A-Z,:\[|a-z]+))?.*/\2 \4/p' |
		grep -vE '^(help|version|config) |(FILE|DIR|NAME|GLOB|HOST|ADDRESS|URL|ORIGIN)'
}
variable() {
	echo "KTACH_$1" | tr a-z- A-Z_
}
for program in ktach-shipper ktach-collector; do
	count=0
	while read -r option _; do
		count=$((count + 1))
		name=$(variable "$option")
		env "$name=?" "$B/$program" --config /dev/null --check-config >"$work/out" 2>&1
		[ $? -eq 2 ] && grep -qF "$program: $name: '?': expected " "$work/out" || echo "# $name: $(cat "$work/out")"
	done < <(typed "$program") >"$work/wrong"
	is "$(cat "$work/wrong")" "" "$program: a wrong variable is named"
	check "$program: there are variables to try" test "$(typed "$program" | wc -l)" -ge 10
	is "$(KTACH_CONFIG=/nowhere "$B/$program" 2>&1)" "$program: /nowhere: No such file or directory" "$program: KTACH_CONFIG"
	KTACH_LOG=x check "$program: --help does not mind them" "$B/$program" --help
done
is "$(KTACH_SPOOL=/x "$B/ktach-shipper" 2>&1)" \
	"ktach-shipper: KTACH_SPOOL: '/x': nobody acknowledges datagrams; use it with transport tcp" "what does not go together is blamed on it"

for misspelt in shipper:KTACH_COLECTOR:KTACH_COLLECTOR shipper:KTACH_DISK_INTERVALL:KTACH_DISK_INTERVAL \
	collector:KTACH_HISTORYSIZE:KTACH_HISTORY_SIZE collector:KTACH_LISTN:KTACH_LISTEN; do
	IFS=: read -r program variable meant <<<"$misspelt"
	is "$(env "$variable=x" "$B/ktach-$program" --config /dev/null --check-config 2>&1 | grep -c "ktach-$program: .*$variable .*did you mean $meant?")" 1 \
		"$program: $variable is no option's, $meant was meant"
done
is "$(KTACH_PROCROOT=/x "$B/bin/ktach" show load --interval 10ms 2>&1 | grep -c "KTACH_PROCROOT .*did you mean KTACH_PROC_ROOT?")" 1 "ktach: so is one of its own"
# Kubernetes sets such for a service of that name.
is "$(KTACH_COLLECTOR_SERVICE_HOST=x KTACH_COLLECTOR_PORT_4766_TCP=x KTACH_LISTEN=x "$B/ktach-shipper" --config /dev/null --check-config 2>&1 |
	grep -c 'did you mean')" 0 "what is like no option is not spoken of"

# name_of OPTION...: what a shipper calls itself, with the file below.
name_of() {
	rm -f "$work/name.log" # the last one's says it, too
	"$B/ktach-shipper" --config "$work/conf" --state "$work/state" --no-net --flush 1ms --collector 127.0.0.1:9 "$@" 2>"$work/name.log" &
	wait_for 10 grep -q 'sending to' "$work/name.log"
	kill $!
	wait $!
	sed -n 's/^ktach-shipper: \(.*\): sending to.*/\1/p' "$work/name.log"
}
printf 'name = file\n' >"$work/conf"
is "$(name_of)" file "the file counts more than the default"
is "$(KTACH_NAME=environment name_of)" environment "the environment more than the file"
is "$(KTACH_NAME=environment name_of --name line)" line "the command line more than the environment"
is "$(KTACH_NAME='' name_of)" file "an empty variable says nothing"

# --- process ids
collector_start --pid-file "$work/collector.pid"
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state" --no-net --name node \
	--pid-file "$work/shipper.pid"
# shellcheck disable=SC2034 # read by its name below
shipper=$!
# again PROGRAM OPTION...: a second one of that program.
again() {
	local program=$1
	shift
	[ "$program" = shipper ] && set -- --collector "127.0.0.1:$feed" --state "$work/state" --no-net "$@"
	[ "$program" = collector ] && set -- --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/other" "$@"
	"$B/ktach-$program" "$@"
}
for program in shipper collector; do
	file=$work/$program.pid pid=${!program}
	wait_for 10 test -s "$file"
	is "$(cat "$file")" "$pid" "$program: its process id is there"
	is "$(again $program --pid-file "$file" 2>&1 | sed 's/; .*//')" \
		"ktach-$program: error: --pid-file $file: the process whose id it holds is running" "$program: another one does not start"
	is "$(cat "$file")" "$pid" "$program: and leaves the file as it is"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	is "$(cat "$file")" "$pid" "$program: killed, it leaves the file"
	# Whoever has that number now is no reason.
	echo $$ >"$file"
	again $program --pid-file "$file" >"$work/again.log" 2>&1 &
	pid=$!
	pids+=("$pid")
	check "$program: the next one takes it over" \
		wait_for 10 eval 'grep -vqx $$ "$file" && kill -0 "$(cat "$file")"'
	kill "$(cat "$file")"
	wait $pid
	check "$program: which is removed at the end" test ! -e "$file"
	echo "name = x" >"$file"
	is "$(again $program --pid-file "$file" 2>&1 | sed 's/; .*//') $(cat "$file")" \
		"ktach-$program: error: --pid-file $file: is there, and holds no process id name = x" "$program: a file of another kind is left alone"
	ln -sf "$work/target" "$work/link"
	again $program --pid-file "$work/link" >"$work/again.log" 2>&1
	is "$? $(test -e "$work/target" && echo written)" "1 " "$program: no link is followed"
done
rm -f "$work/late.pid"
is "$(again shipper --pid-file "$work/late.pid" --key /nowhere 2>&1 | grep -c pid-file) $(ls "$work/late.pid" 2>/dev/null)" "0 " \
	"who could not start leaves none"
done_testing
