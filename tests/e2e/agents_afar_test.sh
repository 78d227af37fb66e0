#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Agents from afar where there is no systemd: what a node lets a collector ask, who may ask
# what there, and who may connect on the node. tests/agents/afar_test.sh has all of it under systemd.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "only root can hide this host's systemd"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
. tests/e2e/collector.sh
chmod 755 "$work"
mkdir -p "$work/agents" "$work/run" "$work/state" "$work/shipper" "$work/keys" "$work/operators"
printf 'exec = /bin/true\nuser = daemon\n' >"$work/agents/web.conf"
for key in keys/fleet login; do "$B/ktach-collector" key --out "$work/$key.key" 2>/dev/null; done
chmod 700 "$work/keys"
"$B/ktach-collector" key --ed25519 --out "$work/alice.key" 2>/dev/null
cp "$work/alice.key.pub" "$work/operators/alice.pub"
for role in view operate; do "$B/ktach-collector" token --key "$work/login.key" --role $role --name $role >"$work/$role"; done
id=$("$B/ktach-shipper" --make-id --state "$work/shipper")
"$B/ktach-collector" key --fleet "$work/keys/fleet.key" --node "$id" --out "$work/node.key" 2>/dev/null

# agentd REMOTE: runs until the next one does.
agentd() {
	[ -z "$agentd" ] || { kill "$agentd" && wait "$agentd"; } 2>/dev/null
	background agentd.log unshare --mount sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' - env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/none \
		"$B/ktach-agentd" --agents "$work/agents" --run "$work/run" --state "$work/state" --http none --remote "$1" \
		--operators "$work/operators" --node-id "$work/shipper/node-id" --name here
	agentd=$!
}
api() { curl -s -m 60 -H "Authorization: Bearer $(cat "$work/operate")" "http://$http/api/v1/nodes/here/$1" "${@:2}"; }
afar() { "$B/ktach-collector" agent --url "http://$http" --token "$work/$role" --sign-key "$work/alice.key" --node here "$@"; }
says() { told "$1" api agents; }

collector_start --keys "$work/keys" --login "$work/login.key"
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --transport tcp --key "$work/node.key" --state "$work/shipper" \
	--name here --no-net --agentd "$work/run"
agentd none
check "a node takes no requests by default" wait_for 60 says 'the node takes no requests'
check "there is no socket for them" test ! -e "$work/run/remote.sock"
agentd list
check "with 'remote = list' its agents are listed" wait_for 60 says '"agent":"web","state":"unknown"'
check "for who may look, too" told 'web' env role=view bash -c "$(declare -f afar); B=$B work=$work http=$http; afar list"
role=operate
check "and are not operated" told 'refused: this node lets itself be listed only' afar stop --agent web
agentd operate
check "with 'operate' they are, and the node's own error is told" wait_for 60 told "failed: web: systemd's bus is away" afar stop --agent web
afar restart --agent web --sign-only >"$work/order"
is "$(for i in 1 2; do api agents/web/restart --data-binary "@$work/order" | jq -r .again; done | xargs)" "false true" "an order is carried out once"
check "the address has to be the order's" told 'another node, agent or verb' api agents/web/stop --data-binary "@$work/order"
check "what is not signed is none" told 'expected an order that is signed' api agents/web/stop --data-binary 'stop it'
is "$(api desired -X PUT --data-binary @/dev/null -o /dev/null -w '%{http_code}')" 400 "nor is nothing a state"
check "a desired state is taken" told '^desired on here: done' eval 'echo web stopped | afar desired --revision 7'
check "and is in force" told '"revision":7' api agents
check "of a lower revision it is not" told 'revision 7 is kept already' eval 'echo web running | afar desired --revision 6'
role=view
check "who may only look orders nothing" told 'role does not permit' afar stop --agent web
as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
check "a local user may ask nothing" told 'refused only root and members of the group ktach' "${as_nobody[@]}" /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"list me\n\n")
print(s.recv(1000).decode())' "$work/run/remote.sock"
"${as_nobody[@]}" timeout 5 /usr/bin/python3 -c '
import os, socket, sys
for i in range(300):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    try:
        s.sendall(os.urandom(40000) if i % 2 else b"order x\n" + b"a" * 32767)
    except OSError:
        pass' "$work/run/remote.sock"
check "whatever it sends: the node answers on" wait_for 60 says '"agent":"web"'
done_testing
