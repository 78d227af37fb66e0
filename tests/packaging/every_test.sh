#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A command at an interval: what it prints becomes series, whole or not at all.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

mkdir "$work/series" "$work/bin"
every=packaging/systemd/ktach-every
for bad in "1" "1 1 $work/x.prom" "1 1 x.prom true" "1 1 $work/x true" "1 soon $work/x.prom true"; do
	# shellcheck disable=SC2086 # words
	timeout 20 $every $bad >"$work/out" 2>&1
	is $? 2 "refused: '${bad//$work/...}'"
done

# Counts; fails when there is a file; hangs when there is another; prints too much.
cat >"$work/bin/count" <<'END'
#!/bin/sh
n=$(($(cat "$1/n" 2>/dev/null || echo 0) + 1))
echo $n >"$1/n"
printf '# TYPE runs_total counter\nruns_total %s' $n
[ ! -e "$1/fail" ] || exit 3
[ ! -e "$1/hang" ] || sleep 1000
[ ! -e "$1/much" ] || yes "x 1" | head -c 3000000
END
chmod +x "$work/bin/count"
background every.log $every 0.2 2 "$work/series/job.prom" "$work/bin/count" "$work"
has() { grep -qxE "$1" "$work/series/job.prom"; }
lacks() { ! grep -qE "$1" "$work/series/job.prom"; }
check "it runs" wait_for 60 has 'runs_total [0-9]+'
check "again and again" wait_for 60 has 'runs_total ([3-9]|[0-9]{2,})'
check "how it went" has 'command_exit_status\{command="job"\} 0'
collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --pins "$work" --state "$work/state" --name here \
	--interval 500ms --ship 500ms --own-interval 500ms --own-folder "$work/series"
metric() { curl -fs "http://$http/metrics" | grep -qE "$1"; }
check "its series are in /metrics" wait_for 60 metric '^runs_total\{instance="here",.*\} [0-9]+$'
touch "$work/fail"
check "a failure is told" wait_for 60 has 'command_exit_status\{command="job"\} 3'
check "and nothing else" lacks runs_total
rm "$work/fail"
touch "$work/hang"
check "one that hangs ends" wait_for 60 has 'command_exit_status\{command="job"\} 124'
rm "$work/hang"
touch "$work/much"
check "one that prints too much does, too" wait_for 60 has 'command_exit_status\{command="job"\} (1[0-9]{2}|[1-9]|[1-9][0-9])'
check "and nothing of it is kept" lacks '^x '
rm "$work/much"
check "it goes on" wait_for 60 has 'command_exit_status\{command="job"\} 0'
check "what it printed has its end" has 'runs_total [0-9]+'
done_testing
