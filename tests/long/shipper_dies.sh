#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What happens to a shipper with a spool: it is killed for the memory that it takes,
# again and again; the disk of its spool is full, turns read-only, is removed. What it
# made is stored once, or counted.
# Waits mostly
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "only root can make control groups and disks"
if [ -z "${KTACH_MOUNTS:-}" ]; then
	unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
	KTACH_MOUNTS=1 exec unshare --mount -- bash tests/long/shipper_dies.sh
fi
. tests/e2e/collector.sh

# Of cgroup v1 or v2, whichever has memory.
if [ -d /sys/fs/cgroup/memory ]; then
	group=/sys/fs/cgroup/memory/ktach-test-$$ limit=memory.limit_in_bytes usage=memory.usage_in_bytes
elif grep -qsw memory /sys/fs/cgroup/cgroup.subtree_control; then
	group=/sys/fs/cgroup/ktach-test-$$ limit=memory.max usage=memory.current
fi
work_finish=$(trap -p EXIT | sed "s/.*'\(.*\)'.*/\1/")
trap 'umount -l "$work/spool" 2>/dev/null; $work_finish; [ -z "${group:-}" ] || rmdir "$group" 2>/dev/null' EXIT

# ship [COMMAND...]: what runs it.
pace=20ms
ship() {
	background shipper.log "$@" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --unsealed \
		--name node --state "$work/state" --spool "$work/spool" --no-net --interval "$pace" --ship "$pace"
	shipper=$!
}
# collect: on the same port each time.
collect() {
	background collector.log "$B/ktach-collector" --listen "127.0.0.1:$feed" --http 127.0.0.1:0 \
		--data "$work/data" --unsealed
	collector=$!
	wait_for 30 grep -q 'listening on' "$work/collector.log"
	http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
}
away() {
	kill "$collector"
	wait "$collector"
}
spooled() { [ "$(cat "$work"/spool/*.spool 2>/dev/null | wc -c)" -gt "$1" ]; }
drained() { api nodes/node ".received > $1" && ! spooled 0; }
# once: no sample is there twice.
once() {
	is "$("$B/ktach-collector" export --data "$work/data" | awk -F, 'NR > 1 && seen[$3 "," $8]++ { n++ } END { print n + 0 }')" 0 "$1: nothing is there twice"
}
fresh() {
	rm -rf "$work/data" "$work/state"
	mkdir -p "$work/spool"
	rm -f "$work"/spool/*
}
# starved PID: it is gone; else it may have no more memory than it has.
starved() {
	gone "$1" && return
	cat "$group/$usage" >"$group/$limit"
	return 1
}
gone() { ! kill -0 "$1" 2>/dev/null; }

feed=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# --- Memory
kills=${DAMAGE:+20}
kills=${kills:-5}
if [ -n "${group:-}" ] && mkdir "$group" 2>/dev/null; then
	fresh
	# What lies there is the group's memory, too, and cannot be written back.
	mount -t tmpfs ktach-test "$work/spool"
	killed=0
	for _ in $(seq "$kills"); do
		# shellcheck disable=SC2016
		ship bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$group"
		size=$(cat "$work"/spool/*.spool 2>/dev/null | wc -c)
		wait_for 20 spooled $((size + 5000))
		wait_for 60 starved "$shipper" && killed=$((killed + 1))
		kill -9 "$shipper" 2>/dev/null
		wait "$shipper" 2>/dev/null
		echo 1G >"$group/$limit"
	done
	is "$killed" "$kills" "memory: it was killed each time"
	collect
	# Slowly: each frame is in the spool until it is acknowledged.
	pace=500ms
	ship
	pace=20ms
	check "memory: what waited on its disk leaves" wait_for 60 drained $((kills * 5))
	lost=$(api nodes/node | jq '.loss.lost + .loss.spool + .loss.queue')
	check "memory: at most the frame that it was at is lost, and counted ($lost)" [ "$lost" -le "$kills" ]
	is "$(api nodes/node | jq '.sessions')" $((kills + 1)) "memory: of each of its runs"
	kill "$shipper"
	wait "$shipper"
	away
	once memory
	umount -l "$work/spool"
else
	skip "memory" "no control group can be made here"
fi

# --- Its disk
# troubled TEXT COMMAND...: goes wrong with the spool while the collector is away.
troubled() {
	local text=$1
	shift
	fresh
	rm -f "$work/image"
	truncate -s 16M "$work/image"
	mkfs.ext4 -q -m 0 "$work/image" && mount -o loop "$work/image" "$work/spool" || {
		skip "$text" "no image can be mounted here"
		return
	}
	collect
	ship
	check "$text: it sends" wait_for 20 api nodes/node '.received > 20'
	away
	wait_for 20 spooled 2000
	"$@"
	sleep 3
	check "$text: it runs on" kill -0 "$shipper"
	is "$(grep -c "spool '.*': .*; what finds no room is lost, and counted" "$work/shipper.log")" 1 "$text: its log says so, once"
	collect
	had=$(api nodes/node | jq .received)
	check "$text: it goes on" wait_for 60 api nodes/node ".received > $had + 20 and .state == \"fresh\""
	is "$(api nodes/node | jq '.loss.lost - .loss.spool')" 0 "$text: what is missing is counted where it was lost"
	kill "$shipper"
	wait "$shipper"
	is $? 0 "$text: and ends cleanly"
	away
	once "$text"
	umount -l "$work/spool"
}
fill() { cat /dev/zero >"$work/spool/filler" 2>/dev/null; }
read_only() { mount -o remount,abort "$work/spool"; }
troubled "a full disk" fill
troubled "a read-only disk" read_only
done_testing
