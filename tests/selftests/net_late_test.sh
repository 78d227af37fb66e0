#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tick that comes seconds late has more buckets than it judges: it counts all
# packets, and says of how many milliseconds it judged none.
# Waits mostly
here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

# unjudged: ms, as the program says
unjudged() {
	sed -n 's/.*ticks came too late: of [ac]0 \([0-9]*\) ms are in no burst or percentile, their packets count$/\1/p' \
		"$tmp/main.log"
}

is_said() {
	[ "$(unjudged)" ]
}

are_counted() {
	[ "$(minus "$(row main c0 | field 11,12) 0 0" "$before 0 0" | field 1,2)" = "$sent" ]
}

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
before=$(settled main c0 | field 11,12)
is "$(unjudged)" "" "ticks that are on time judge all"
check "ticks are four seconds apart from now on" "$bin/net_late" "$pins" 4000
sent=$(in_near "$bin/net_send" c0 10 4 udp 100 0 0)
check "it is said of how many milliseconds none was judged" wait_for 60 is_said
check "two of them were judged" wait_for 60 grep -q "^row c0 .* window=2000 " "$tmp/main"
check "and all packets were counted" wait_for 60 are_counted
stop $table_pid
detach
done_testing
