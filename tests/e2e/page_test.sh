#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Collector, shipper and page, in a network namespace of their own if root runs
# it: nothing outside is touched, and what was attached goes with it.
#
#   kt0 ---- kt1     a veth pair; datagrams leave by kt0, a few all the time
#                    and a burst each second
#   lo               frames, HTTP, WebSocket
#
# LONG=1 goes on to chosen times, rows, files, what changed, the explorer.
# Time limit: 600 s
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}

# The driver comes from npm, before the namespace takes the network away.
. tests/e2e/browser.sh
if [ -z "${KTACH_NETNS:-}" ]; then
	mkdir -p "$B/test"
	browser_install
	if [ "$(id -u)" -eq 0 ]; then
		KTACH_NETNS=1 exec unshare --net -- bash tests/e2e/page_test.sh
	fi
fi
. tests/e2e/collector.sh

trickle() {
	while sleep 0.02; do
		printf '%0900d' 1 >/dev/udp/192.0.2.2/9
	done
}

name=page-test-of-a-host-whose-name-is-as-long-as-some-are
shipper_options=(--interval 500ms --name "$name")
if [ -n "${KTACH_NETNS:-}" ]; then
	ip link set lo up
	ip link add kt0 type veth peer name kt1
	ip address add 192.0.2.1/24 dev kt0
	ip link set kt0 up
	ip link set kt1 up
	ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev kt0
	background trickle.log trickle
	# 2 ms at fifty times the rate of the rest, each second.
	background burst.log "$B/tests/selftests/net_burst" kt0 60 2 50 2
else
	shipper_options+=(--no-net)
fi

# A collector of its own, from the beginning: the losses of a minute are told once
# that is over.
mkdir "$work/rules"
cat >"$work/rules/planted.rules" <<'END'
[planted]
metric = load_1min
above = -1
nodes = node-00005
severity = critical
text = {node} has a <b>load</b>
why = It is planted.
look = here
[many]
metric = load_1min
above = -1
share = 50 %
text = {value} of the nodes have a load
END
collector_start --data "$work/whole" --rules "$work/rules"
whole=$http
background whole.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 6 4 600 500 whole lossy timed
collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --pins "$pins" \
	--state "$work/state" "${shipper_options[@]}"
shipper=$!
check "the node shows up, with shares" wait_for 10 api nodes/$name '.cpu.share != null'

# browser NAME ADDRESS VARIABLE=VALUE...: the points of the browser's test follow ours.
browser() {
	local name=$1 address=$2 status
	shift 2
	env "$@" KTACH_PAGE="http://$address/" KTACH_SHOTS="$B/test" \
		KTACH_MODULES="$(realpath "$modules")" TMPDIR="$work" \
		node tests/e2e/page_test.mjs >"$work/$name.tap"
	status=$?
	sed -E "/^1\.\./d; s/^(not )?ok [0-9]+/\1ok/" "$work/$name.tap" >"$work/points"
	points "$work/points"
	check "the browser's test of the $name ran to its end (status $status)" grep -q '^1\.\.' "$work/$name.tap"
}
browser node "$http" KTACH_STOP=$shipper KTACH_COLLECTOR="$collector" KTACH_NET="${KTACH_NETNS:-0}"
browser whole "$whole" KTACH_WHOLE=1
background fleet.log "$B/tests/e2e/fleet" 127.0.0.1 "$feed" 1000 4 600 1000
browser fleet "$http" KTACH_FLEET=1

bytes=$(for file in / $(cd web && printf '/%s ' *.js *.css *.svg login.html) /uPlot.iife.min.js /uPlot.min.css; do
	curl -fs "http://$http$file" || echo "# $file: not served" >&2
done | wc -c)
check "the page weighs less than 200 kB" within 50001 "$bytes" 199999
kill "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"

"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
token=$("$B/ktach-collector" token --key "$work/login.key")
collector_start --login "$work/login.key"
browser session "$http" KTACH_TOKEN="$token" KTACH_REVOKE="$B/ktach-collector token --revoke $token --data $work/data"
done_testing
