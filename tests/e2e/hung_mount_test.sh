#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file system that never answers, asked by the programs themselves: they go on
# with the rest, and end when they are told to, although the kernel lets nobody
# go who waits for it.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=$(realpath "${B:-build}")
hung=$B/tests/e2e/hung_mount
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/never" "$work/state"

"$hung" "$work/never" true 2>"$work/err"
[ $? -ne 77 ] || skip_all "$(tail -n 1 "$work/err")"

# Who waits for the end of the output waits for all that have it open.
out=$(timeout "$(patience 100)" "$hung" "$work/never" "$B/bin/ktach" show mount --json 2>"$work/err")
ok $? "ktach show mount ends" "$work/err"
is "$(jq -r '.mount.mounts[] | select(.point == "/") | .size_bytes > 0' <<<"$out")" true \
	"and tells of /"
is "$(jq -c --arg never "$work/never" '.mount.mounts[] | select(.point == $never) | [.type, .size_bytes]' <<<"$out")" \
	'["fuse.hung",null]' "and has no value of the one that hangs"
is "$(jq -c --arg never "$work/never" '.mount.mounts[] | select(.point == $never) | .hung' <<<"$out")" \
	true "but says that it does"

# The shipper's samples go to nobody: it is its messages that tell.
cat >"$work/ship" <<'END'
"$1" --collector 127.0.0.1:9 --state "$2/state" --no-net --mount-deadline 100ms \
	--mount-interval 100ms --interval 100ms >"$2/log" 2>&1 &
shipper=$!
for ((i = 0; i < $3; i++)); do
	grep -q "never (fuse.hung, host:/share) does not answer" "$2/log" && break
	sleep 0.1
done
threads=$(ls /proc/$shipper/task | wc -l)
kill -TERM $shipper
wait $shipper
echo "$? $threads" >"$2/ended"
END
check "the shipper ends" timeout "$(patience 100)" "$hung" "$work/never" bash "$work/ship" "$B/ktach-shipper" "$work" "$(patience 600)"
check "after it has told of the mount, once" grep -q "never (fuse.hung, host:/share) does not answer" "$work/log"
is "$(grep -c 'does not answer' "$work/log")" 1 "and of no other"
read -r status threads <"$work/ended"
is "$status" 0 "by SIGTERM"
check "with one thread that hung" within 2 "$threads" 8
done_testing
