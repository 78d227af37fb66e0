#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The feed's door while the disk is too slow for what comes: old samples wait. Who
# waits with a good frame stays, and is acknowledged in the end; others find no room
# to wait in.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# crowd_start NAME ARGUMENTS...: connections, see tests/e2e/waiting.c; ask them by
# crowd NAME.
crowd_start() {
	local name=$1 line in out
	shift
	mkfifo "$work/$name.in" "$work/$name.out"
	background "$name.log" bash -c "exec '$B/tests/e2e/waiting' $feed $* <'$work/$name.in' >'$work/$name.out'"
	exec {in}>"$work/$name.in" {out}<"$work/$name.out"
	crowd_in[$name]=$in crowd_out[$name]=$out
	read -rt "$(patience 60)" line <&"$out"
	is "$line" there "$name connections have sent: $*"
}
crowd() {
	local said
	echo >&"${crowd_in[$1]}"
	read -rt 30 said <&"${crowd_out[$1]}"
	echo "$said"
}
crowd_is() { [ "$(crowd "$1")" = "$2" ]; }
declare -A crowd_in crowd_out
memory_kb() { awk -v what="$1:" '$1 == what { print $2 }' "/proc/$collector/status"; }
queued() { api health ".store.queued_bytes > $1"; }

cc -shared -fPIC -O1 -D_GNU_SOURCE -o "$work/disk.so" tests/e2e/preload/disk.c -ldl || exit 1
under=(env LD_PRELOAD="$work/disk.so" KTACH_SLOW="$work/slow")
collector_start --unsealed --first-frame 3s --workers 1
"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/good" 1 200 5000 5 >/dev/null 2>&1
touch "$work/slow"
background noise.log "$B/tests/e2e/attacker" future "$feed" 46
check "more waits to be written than is good" wait_for 60 queued $((32 << 20))
before_kb=$(memory_kb VmRSS)

crowd_start bad 1 500 30000 old bad
check "what is broken is refused, not kept" wait_for 60 crowd_is bad 'open 0 stored 0'
crowd_start many 10000 3000 30000 old good
check "what waits takes no more memory than it may" \
	test "$(memory_kb VmHWM)" -le $((before_kb + 90000))
echo "# $((($(memory_kb VmHWM) - before_kb) / 1024)) MiB more"
check "who is over that is counted" api health '.refused.feed.memory > 500'
crowd_start few 20000 20 300 old good
sleep 4 # longer than first-frame
crowd_start new 30000 5 300 new good
have() { api nodes '[.nodes[] | select(.id | startswith("30750000") or startswith("31750000") or
	startswith("32750000") or startswith("33750000") or startswith("34750000"))] | length == 5'; }
check "samples of now are taken before those" wait_for 30 have
check "who waits stays for longer than a first frame may take" crowd_is few 'open 20 stored 0'
is "$(api health | jq .refused.feed.first_frame)" 0 "nobody was closed for that"
is "$(grep -c 'feed: .* took all memory for such' "$work/collector.log")" 1 "the log has a line of the others"
rm "$work/slow"
check "once there is time, they are acknowledged" wait_for 60 crowd_is few 'open 20 stored 20'
check "those of now, too" wait_for 60 crowd_is new 'open 5 stored 5'
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
check "the history is whole" "$B/ktach-collector" check --data "$work/data"
done_testing
