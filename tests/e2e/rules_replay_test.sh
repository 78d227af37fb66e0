#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 'ktach-collector rules test': what it says of the history is what the collector said while
# it happened, of samples that are in the log only, and in chunks.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare -m "$0" 2>/dev/null || skip_all "no mounts of our own: run as root"
. tests/e2e/collector.sh

full=/dev/shm
mkdir "$work/rules"
mount -t tmpfs -o size=1m tmpfs $full || skip_all "no tmpfs can be mounted"
cat >"$work/rules/ours.rules" <<'END'
[full]
metric = mount.used
above = 95 %
rows = /dev/shm
unless = mount.read_only
for = 1s
text = {row} is {value} full
[gone]
silent = 3s
text = no samples for {value}
END
replay() { "$B/ktach-collector" rules test "${rules:-$work/rules/ours.rules}" --data "$work/data" --node host --from -1h "$@"; }
alert() { api "alerts?past=100" ".$1 | any(.rule == \"$2\")"; }
ship() {
	background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name host --no-net \
		--state "$work/state" --mount-interval 200ms --transport tcp
	shipper=$!
}

collector_start --rules "$work/rules"
ship
check "a node" wait_for 60 api nodes/host ".mount.mounts[] | select(.point == \"$full\") | .used < 0.5"
dd if=/dev/zero of=$full/rest bs=1k count=1020 2>/dev/null
check "a mount that is full fires" wait_for 60 alert firing full
sleep 2 # samples, by which it goes on
rm $full/rest
check "and is over" wait_for 60 alert past full
kill -9 "$shipper"
wait "$shipper" 2>/dev/null
check "a shipper that is killed, too" wait_for 60 alert firing gone
sleep 2 # by the times of its samples it is silent for as long
ship
check "and is back" wait_for 60 alert past gone
sleep 2 # what came is committed

# near FILE RULE: both times of a rule are within two seconds of those that the collector has:
# rules go by the node's clock, the collector's by its own.
near() {
	python3 - "$1" "$2" <(api "alerts?past=100") <<'END'
import datetime, json, sys
said = [line for line in open(sys.argv[1]) if f" {sys.argv[2]}" in line]
one = [a for a in json.load(open(sys.argv[3]))["past"] if a["rule"] == sys.argv[2]]
times = [datetime.datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S.%f").timestamp() for line in said]
want = [one[0]["fired_ns"] / 1e9, one[0]["cleared_ns"] / 1e9]
print(times, want)
sys.exit(not (len(said) == 2 and len(one) == 1 and all(abs(a - b) < 2 for a, b in zip(times, want))))
END
}
replay >"$work/said"
is $? 0 "it reads what the collector has not packed"
check "it has the mount's alarm, once, at that time" near "$work/said" full
check "and the silence" near "$work/said" gone
check "in the alarm's words" grep -qE "warning full $full: $full is (99|100)\.[0-9] % full" "$work/said"
check "and sums up" grep -q '^2 alarms, of which 0 go on' "$work/said"
kill "$shipper"
wait "$shipper"
kill "$collector"
wait "$collector"
is "$(replay | head -4)" "$(head -4 "$work/said")" "it says the same once all is packed"
sed 's/95 %/101 %/; s/3s/1h/' "$work/rules/ours.rules" >"$work/never"
check "other limits: nothing" grep -q '^0 alarms' <(rules=$work/never replay)
check "another time: nothing" grep -q '^0 alarms, .* in 0 tables' <(replay --from -3d --to -2d)
check "of nobody it says so" told "no node of this name" "$B/ktach-collector" rules test "$work/rules/ours.rules" --data "$work/data" --node nobody
echo nonsense >"$work/never"
check "a wrong line is named" told "never:1: " "$B/ktach-collector" rules test "$work/never" --data "$work/data" --node host
done_testing
