#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Agents from afar, under a real systemd: two nodes and one with a shipper of an older
# version (OLD, a program, if there is one), each a container with a network of its own. Orders are
# carried out once, whatever dies meanwhile; what is replayed, late, forged or out of order is
# not; a node that is away is told nothing later but a desired state.
# Time limit: 600 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=$PWD/${B:-build}
. tests/agents/container.sh
. tests/agents/nodes.sh
nodes='' collector=''
finish() {
	local n
	[ -z "$collector" ] || kill "$collector" 2>/dev/null
	for n in 1 2 3; do touch "$work/$n/root/results/off" 2>/dev/null; done
	# shellcheck disable=SC2086
	[ -z "$nodes" ] || timeout 60 tail --pid="${nodes##* }" -f /dev/null
	# shellcheck disable=SC2086
	kill $nodes 2>/dev/null
	wait 2>/dev/null
	remove_nets 1 2 3
	remove_containers
}
trap finish EXIT

mkdir -m 700 "$work/keys"
(cd "$work" && "$B/ktach-collector" key --out keys/fleet.key && "$B/ktach-collector" key --out login.key &&
	"$B/ktach-collector" key --ed25519 --out alice.key && "$B/ktach-collector" key --ed25519 --out eve.key) 2>/dev/null
for who in operate view; do "$B/ktach-collector" token --key "$work/login.key" --role $who --name $who >"$work/$who.token"; done
make_nets 1 2 3 2>"$work/nets.log" || skip_all "no network namespaces can be made"
make_node 1 one "$B/ktach-shipper" || skip_all "no overlay of this host's files can be mounted"
make_node 2 two "$B/ktach-shipper"
all='1 2'
if [ -n "$OLD" ]; then
	make_node 3 old "$OLD"
	all='1 2 3'
fi

collect() {
	ip netns exec "$ns-c" "$B/ktach-collector" --listen 0.0.0.0:4766 --http 127.0.0.1:8080 --data "$work/data" \
		--keys "$work/keys" --login "$work/login.key" 2>>"$work/collector.log" &
	collector=$!
}
api() { collector_net curl -s -m 60 -H "Authorization: Bearer $(cat "$work/operate.token")" "http://127.0.0.1:8080/api/v1/$1" "${@:2}"; }
afar() { collector_net "$B/ktach-collector" agent --token "$work/operate.token" "$@"; }
order() { afar --sign-key "$work/alice.key" "$@"; }
# post FILE N AGENT VERB: what comes of it.
post() { api "nodes/$2/agents/$3/$4" --data-binary "@$1"; }
fresh() { [ "$(api "nodes/$1" | jq -r .state)" = fresh ]; }
listed() { afar list --node "$1" --json >"$work/list.$1" 2>/dev/null && [ "$(jq -r '.agents[] | select(.agent == "web") | .state' "$work/list.$1")" = "${2:-running}" ]; }
started() { [ "$(starts "$1" "$2")" -eq "$3" ]; }

collect
for n in $all; do boot_node "$n"; done
check "a node can be asked from afar" wait_for 120 listed one
[ "$tap_failed" -eq 0 ] || {
	in_node 1 'journalctl -b -o cat -u ktach-agentd -u ktach-shipper | tail -n 40' | sed 's/^/# /'
	done_testing
	exit
}
check "and another one" wait_for 120 listed two
is "$(jq -r '.remote' "$work/list.one") $(jq '.agents | length' "$work/list.one")" "operate 2" "which tells what may be asked, and of all its agents"
is "$(in_node 1 'ps -o user= -C ktach-shipper')" ktach-shipper "the shipper that passes it on has a user of its own"

# --- an order
check "an agent is restarted" order restart --node one --agent web
check "on its node" wait_for 60 started 1 web 2
is "$(starts 2 web)" 1 "and on no other"
check "by the node's id, too" order restart --node "$(jq -r .node_id "$work/list.two")" --agent web
check "on that node" wait_for 60 started 2 web 2
check "it is stopped" order stop --node one --agent web
check "so the node says" wait_for 60 listed one stopped
check "and started" order start --node one --agent web
wait_for 60 started 1 web 3
check "reload reaches it" order reload --node one --agent web
check "its own error comes back" told "slow: its file names no signal that reloads it" order reload --node one --agent slow
check "what is not there is told" told "there is no such agent" order restart --node one --agent nothing
is "$(in_node 1 'ktach agent orders --json' | jq -r '[.orders[] | select(.verb == "restart" and .agent == "web")][0] | .operator + " " + .through + " " + .result')" \
	"alice operate done" "the node keeps who had it done, and how it ended"
check "so does the collector" grep -q 'operate: restart web on one: done$' "$work/data/orders.log"

# --- what is not carried out
starts=$(starts 1 web)
order restart --node one --agent web --sign-only >"$work/order"
is "$(post "$work/order" one web restart | jq -r '.result, .again' | xargs)" "done false" "an order that was signed elsewhere is carried out"
is "$(post "$work/order" one web restart | jq -r '.result, .again' | xargs)" "done true" "replayed, it is answered as it ended"
check "and was carried out once" wait_for 60 started 1 web $((starts + 1))
is "$(in_node 1 'systemctl restart ktach-agentd && sleep 1 && echo ok')" ok "ktach-agentd starts again"
wait_for 60 listed one
is "$(post "$work/order" one web restart | jq -r '.result, .again' | xargs)" "done true" "after that the replay is known still"
is "$(starts 1 web)" $((starts + 1)) "and not done"
sed 's/^verb restart/verb stop/' "$work/order" >"$work/forged"
check "one that was changed is refused" told "its signature is wrong" post "$work/forged" one web stop
check "one that was signed by somebody else, too" told "signed by nobody who is known here" afar --sign-key "$work/eve.key" stop --node one --agent web
order stop --node one --agent web --timeout 2s --sign-only >"$work/late"
order stop --node one --agent web --timeout 60s --sign-only >"$work/held"
check "one comes after another" order restart --node one --agent web
check "and the other, held back, is refused then" told "signed later has been carried out already" post "$work/held" one web stop
wait_for 60 eval '[ "$(date +%s)" -gt "$(sed -n "s/^expires //p" "$work/late")" ]'
check "one that has expired is refused" told "it expired" post "$work/late" one web stop
check "one for another node does not go there" told "signed for another node" post "$work/order" two web restart
check "who may only look orders nothing" told "role does not permit" collector_net "$B/ktach-collector" agent --token "$work/view.token" \
	--sign-key "$work/alice.key" --timeout 2s stop --node one --agent web
wait_for 60 started 1 web $((starts + 2))
is "$(starts 1 web) $(starts 2 web)" "$((starts + 2)) 2" "nothing of that was done"
check "the agent runs all the while" listed one

# --- by the page
if command -v chromium >/dev/null && . tests/e2e/browser.sh && browser_install; then
	starts=$(starts 1 web)
	collector_net env KTACH_PAGE=http://127.0.0.1:8080/ KTACH_MODULES="$(realpath "$modules")" TMPDIR="$work" \
		KTACH_TOKEN="$(cat "$work/operate.token")" KTACH_VIEWER="$(cat "$work/view.token")" \
		KTACH_KEY="$work/alice.key" KTACH_EVE="$work/eve.key" node tests/agents/page.mjs >"$work/page.tap"
	sed -E "/^1\.\./d; s/^(not )?ok [0-9]+/\1ok/" "$work/page.tap" >"$work/points"
	points "$work/points"
	check "the browser's test ran to its end" grep -q '^1\.\.' "$work/page.tap"
	wait_for 60 started 1 web $((starts + 1))
	is "$(starts 1 web)" $((starts + 1)) "one of its buttons had something done"
else
	skip "the page's buttons" "there is no Chromium"
fi

# --- the collector dies in the middle
was=$(ends 1 slow)
order restart --node one --agent slow --timeout 60s >"$work/said" &
asker=$!
check "an agent that takes its time is told to end" wait_for 60 eval '[ "$(ends 1 slow)" -gt '"$was"' ]'
kill -9 $collector
wait $collector 2>/dev/null
collect
wait $asker
is $? 0 "the collector was killed meanwhile; who asked learns that it is done"
check "and that it was done once" grep -q 'restart slow on one: done (once' "$work/said"
wait_for 60 started 1 slow 2
is "$(starts 1 slow) $(ends 1 slow)" "2 1" "as is so"
wait_for 60 fresh two

# --- a node that is away
starts=$(starts 2 web)
in_node 2 'systemctl kill -s STOP ktach-shipper' >/dev/null
order restart --node two --agent web --timeout 3s >"$work/said"
is $? 1 "of a node whose shipper hangs an answer comes in time"
check "that it is not known" grep -qE 'unknown|not sent|away' "$work/said"
in_node 2 'systemctl kill -s CONT ktach-shipper' >/dev/null
check "the node is back" wait_for 120 listed two
is "$(starts 2 web)" "$starts" "and has done nothing later"
ip -n "$ns-c" link set v2 down
check "a node that is cut off is missed" wait_for 120 eval '[ "$(api nodes/two | jq -r .state)" = gone ]'
check "then nothing is done" told "nothing was done, and nothing will be" order restart --node two --agent web --timeout 3s
echo 'web stopped' | order desired --node two --revision 5 >"$work/said"
is "$?" 0 "a desired state is kept meanwhile"
check "as it says" grep -q 'is kept, and the node is told when' "$work/said"
check "a lower revision is not" told "revision 5 is kept already" eval 'echo "web running" | order desired --node two --revision 4'
ip -n "$ns-c" link set v2 up
check "once the node is back it is as desired" wait_for 120 listed two stopped
is "$(jq '.revision' "$work/list.two") $(starts 2 web)" "5 $starts" "by that revision, and nothing else was done"
is "$(in_node 2 'ktach agent start web && sleep 3 && systemctl is-active ktach-agent@web')" active "root on the host has the last word"
echo 'web running' | order desired --node two --revision 6 >/dev/null
in_node 2 'systemctl kill -s KILL ktach-agentd; systemctl stop ktach-agent@web' >/dev/null
check "ktach-agentd, killed, goes on with the state" wait_for 120 listed two running

# --- a shipper of an older version
if [ -n "$OLD" ]; then
	check "an older shipper's node is fresh" wait_for 120 fresh old
	check "and cannot be asked, which is said" told "takes no requests" order restart --node old --agent web --timeout 3s
	is "$(starts 3 web)" 1 "its agent runs on"
	is "$(api nodes/old | jq '.. | .unknown_answers? // empty')" 0 "and it was sent nothing that it does not know"
else
	skip "a shipper of an older version is in the fleet" "OLD names none"
fi
[ "$tap_failed" -eq 0 ] || {
	tail -n 20 "$work/collector.log"
	for n in $all; do in_node "$n" 'journalctl -b -o cat -u ktach-agentd -u ktach-shipper | tail -n 40'; done
} | sed 's/^/# /'
done_testing
