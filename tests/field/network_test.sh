#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container with a network of its own, and its host's /proc: its interfaces are never
# told as the host's. Of the host's are told those that can be; the rest is left out.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
B=$(realpath "${B:-build}")
. tests/tap.sh
. tests/e2e/collector.sh
host=ktach-host-$$ inner=ktach-inner-$$ init=
leave() {
	kill -KILL "$init" # who waits for it takes no SIGTERM
	finish
	ip netns del $host 2>/dev/null
	ip netns del $inner 2>/dev/null
}
trap leave EXIT
ip netns add $host
ip netns add $inner
ip -n $inner link add inside type veth peer name outside netns $host
ip -n $inner link set lo up
mkdir "$work/proc"
sleep=$(command -v sleep)
# Process 1 of a namespace of its own is the host; its /proc is at $work/proc, for those who
# enter its mounts.
ip netns exec $host unshare -m -p -f --kill-child --propagation private bash -c "mount -t proc proc '$work/proc' && exec '$sleep' 600" &
pids+=($!)
init_of() { pgrep -P "${pids[0]}"; }
is_there() { grep -q "$work/proc" "/proc/$(init_of)/mountinfo" && readlink "/proc/$(init_of)/exe" | grep -q sleep; }
check "a host" wait_for 30 is_there
init=$(init_of)
# there NETWORK COMMAND...
there() { nsenter -t "$init" -m -- ip netns exec "$@"; }
links() { there "$1" "${@:2}" "$B/bin/ktach" show link --json --proc-root "$work/proc" 2>"$work/said" | jq -c '[.link.links[]?.name]'; }

is "$(links $inner)" '["outside"]' "the host's interfaces, whose network is entered"
is "$(links $inner setpriv --bounding-set -sys_admin --inh-caps -sys_admin)" "" "without the right to that: none"
check "and it is said" grep -q "of another network than this program's, which cannot be entered: Operation not permitted" "$work/said"
is "$(links $host)" '["outside"]' "in the host's own network nothing is to be entered"
is "$(wc -l <"$work/said")" 0 "nor said"

under=(nsenter -t "$init" -m -- ip netns exec "$inner")
collector_start
background shipper.log "${under[@]}" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state" --pins "$pins" \
	--proc-root "$work/proc" --link-interval 1s
here() { there $inner curl -fs "http://$http/api/v1/nodes" | jq -e '.nodes | length == 1' >/dev/null &&
	there $inner curl -fs "http://$http/api/v1/nodes/$(cat "$work/state/node-id")" >"$work/node" && jq -e "$1" "$work/node"; }
check "from the shipper, too" wait_for 60 here '[.link.links[].name] == ["outside"]'
check "no packets of the container's interfaces" here '[.net.interfaces[]?.name] | index("inside") == null'
check "and it is said" grep -q "network: $work/proc is of another network: read from there" "$work/shipper.log"
done_testing
