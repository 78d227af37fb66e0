# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What is planted on this host, for tests/watch/planted_test.sh, which sources this: a folder of
# mounts of its own, processes, network namespaces.
full=/dev/shm
mount -t tmpfs -o size=8m,nr_inodes=200 tmpfs $full
cc -shared -fPIC -O1 -o "$work/clock.so" tests/e2e/preload/clock.c -ldl
mkdir "$work/never"

# ship NAME COMMAND...: a shipper of what this host has, run by the command.
ship() {
	local name=$1
	shift
	background "$name.log" "$@" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name "$name" --no-net --state "$work/state-$name" \
		--interval 300ms --mount-interval 300ms --mount-deadline 100ms --process-interval 300ms --system-interval 300ms
}
# end_all PROGRAM [ARGUMENT]: those of this test that run it, by their pids.
end_all() {
	local p
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/exe" 2>/dev/null)" = "$1" ] || continue
		[ -z "${2:-}" ] || tr '\0' '\n' <"$p/cmdline" | grep -qxF -e "$2" || continue
		kill -9 "${p#/proc/}"
	done
}
here() { check "$2: it fires, and says so" wait_for 60 fires "${4:-host}" "$1" "$3"; }
gone() { check "$2: it is over" wait_for 60 over "${3:-host}" "$1"; }

ship host env
check "this host is there" wait_for 60 api nodes/host ".mount.mounts | any(.point == \"$full\")"

dd if=/dev/zero of=$full/rest bs=1k count=7900 2>/dev/null
here mount-full "a full tmpfs" "^$full is 9[5-9]\\.[0-9] % full\$"
rm $full/rest
gone mount-full "a full tmpfs"

for ((i = 0; i < 198; i++)); do : >"$full/$i"; done 2>/dev/null
here mount-inodes "no inodes" "^(9[5-9]|100)\\.[0-9] % of the inodes of $full are in use\$"
rm $full/*
gone mount-inodes "no inodes"

(for ((i = 0; i < 60; i++)); do dd if=/dev/zero of=$full/grows bs=1k count=70 oflag=append conv=notrunc 2>/dev/null && sleep 0.2; done) &
grower=$!
here mount-fills "one that fills up" "^$full, [0-9.]+ % full, will be full within"
wait $grower
rm $full/grows
gone mount-fills "one that fills up"

mount -o remount,ro $full
here mount-read-only "one that became read-only" "^$full became read-only\$"
mount -o remount,rw $full

python3 -c '
import os, time
for i in range(220):
    if not os.fork():
        os._exit(0)
time.sleep(1000)' &
zombies=$!
here zombies "220 zombies" '^2[0-9][0-9] processes ended and nobody took note$'
kill $zombies
wait $zombies 2>/dev/null
gone zombies "220 zombies"

# Who waits in vfork() can't be killed by what it does not take.
cat >"$work/waits.c" <<'END'
#include <unistd.h>
int main(void)
{
	if (!vfork())
		for (;;)
			pause();
	return 0;
}
END
cc -o "$work/waits" "$work/waits.c" -w
for ((i = 0; i < 60; i++)); do setsid "$work/waits" & done
here processes-blocked "60 processes that wait" '^[5-9][0-9] processes wait for I/O'
end_all "$work/waits"
gone processes-blocked "60 processes that wait"

echo 5 >"$work/offset"
ship ahead env "LD_PRELOAD=$work/clock.so" "KTACH_CLOCK=$work/offset"
here clock-ahead "a clock that is off" "^its clock is 5\\.[0-9] s ahead of the collector's\$" ahead
echo 0 >"$work/offset"
gone clock-ahead "a clock that is off" ahead

"$B/tests/e2e/hung_mount" "$work/never" true 2>/dev/null
if [ $? -ne 77 ]; then
	background hung.log "$B/tests/e2e/hung_mount" "$work/never" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name hung --no-net \
		--state "$work/state-hung" --interval 300ms --mount-interval 300ms --mount-deadline 100ms
	here mount-fails "a mount that hangs" "^$work/never does not answer, or with an error\$" hung
	end_all "$(realpath "$B/ktach-shipper")" "$work/state-hung"
fi
umount $full
