#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The power fails: a guest whose collector and shipper write to its disk ends between
# two instructions, CUTS (2, with DAMAGE=1 20) times, while a sender outside feeds the
# collector. The ledger: what that one was told is stored is there, once; what the
# shipper inside sent is there once at the most, as one node's.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
kernel=$(tests/vm/kernel.sh) || skip_all "Debian's kernel cannot be had"
eval "$kernel"
cuts=${CUTS:-${DAMAGE:+20}}
cuts=${cuts:-2}

truncate -s 256M "$work/disk"
check "there is a disk" mkfs.ext4 -q "$work/disk"
cp tests/long/power_guest.sh "$work/run"
check "the guest's files are packed for $KVER" tests/vm/initrd.sh "$work/initrd" -m "$MODULES_DIR" "$KVER" virtio_pci,virtio_net,virtio_blk,ext4,crc32c_generic \
	-p "$B/tests/vm/vmexit" -p "$B/ktach-shipper" -p "$B/ktach-collector" -f "$work/run"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# on: until it listens. qemu is run.sh's only child.
on() {
	background console tests/vm/run.sh -n -d "$work/disk" -f "$port:4766" -t 0 "$KERNEL_IMAGE" "$work/initrd"
	guest=$!
	wait_for 120 grep -q 'listening on' "$work/console"
}
cut() {
	kill -KILL "$(pgrep -P "$guest")"
	wait "$guest" 2>/dev/null
}

# Without end, so that each cut is while it sends, however long a guest takes to start.
"$B/tests/e2e/feeder" tcp "127.0.0.1:$port" "$work/feeder" 1 1000000000 4000 5 patient >"$work/feeder.out" 2>&1 &
feeder=$!
for round in $(seq "$cuts"); do
	on
	ok $? "the guest is up ($round)" "$work/console"
	sleep "$((RANDOM % 4 + 2)).$((RANDOM % 900 + 100))"
	cut
	check "cut $round: the sender sends on" kill -0 "$feeder"
done
on
ok $? "the guest is up for good" "$work/console"
kill -USR1 $feeder
wait $feeder
last=$(awk '/^done/ { n = $2 } END { print n + 0 }' "$work/feeder.out")
check "there was something to lose: $last samples" [ "$last" -gt $((cuts * 200)) ]
is "$(tail -n 1 "$work/feeder.out")" "shed 0 0 failed 0 left 0" "all is acknowledged"
sleep 2
cut

mkdir "$work/mnt"
if mount -o loop "$work/disk" "$work/mnt" 2>/dev/null; then
	cp -r "$work/mnt/data" "$work/mnt/state" "$work/"
	umount "$work/mnt"
else
	skip "the ledger" "no image can be mounted here"
	done_testing
	exit
fi
check "the history is whole" into "$work/check.out" "$B/ktach-collector" check --data "$work/data"
rows=$(history_rows "$work/data")
is "$(sqlite3 "$rows" "select count(*), count(distinct mono_ns), min(mono_ns), max(mono_ns) from cpu where node_name = 'feeder'")" \
	"$((2 * last))|$last|1|$last" "what was acknowledged is there, once"
is "$(sqlite3 "$rows" "select count(*) - count(distinct real_ns || ':' || cpu), count(distinct node) from cpu where node_name = 'inside'")" \
	"0|1" "what the shipper inside sent is there once at the most, as one node's"
inside=$(sqlite3 "$rows" "select count(distinct real_ns) from cpu where node_name = 'inside'")
check "it was sent: $inside samples" [ "$inside" -gt $((cuts * 20)) ]
is "$(tr -d '\n' <"$work/state/node-id")" "$(sqlite3 "$rows" "select distinct node from cpu where node_name = 'inside'")" \
	"the shipper inside is still who it was"
done_testing
