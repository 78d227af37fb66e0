#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ktach-agentd and its generator where there is no systemd: files, heartbeats by HTTP,
# who may ask. tests/agents has all of it under systemd.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
[ "$(id -u)" -eq 0 ] || skip_all "only root can hide this host's systemd"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
work=$(mktemp -d)
trap 'kill $pid 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/agents" "$work/run" "$work/state" "$work/units"

# --- files
printf 'exec = /bin/true\nuser = daemon\n' >"$work/agents/good.conf"
is "$("$B/ktach-agentd" --agents "$work/agents" --check-config)" "$work/agents/good.conf: good" "a good file is said to be good"
printf 'exec = /bin/true\nuser = nobodi\n' >"$work/agents/user.conf"
printf '[agent]\nexec = /bin/true\nuser = daemon\n[health]\nintervall = 1s\n' >"$work/agents/key.conf"
printf 'exec = /bin/true\nuser = daemon\nname = good\n' >"$work/agents/twin.conf"
"$B/ktach-agentd" --agents "$work/agents" --check-config >"$work/said"
is "$?" 2 "the status tells that files are wrong"
is "$(sed "s|$work/agents/||g" "$work/said")" "good.conf: good
key.conf:5: intervall: no such key; did you mean 'interval'?
twin.conf: the agent good is in good.conf already
user.conf:2: user: 'nobodi': there is no such user on this host" "each by its file, line and key, and the good ones, too"
refused 2 "an address that others can reach" "--http '192.0.2.1': expected an address of the loopback, or none" \
	"$B/ktach-agentd" --http 192.0.2.1
rm "$work/agents/user.conf"
KTACH_AGENTS=$work/agents "$B/ktach-agent-generator" "$work/units" 2>"$work/said"
is "$?" 0 "units are written"
is "$(cd "$work/units" && echo *)" "ktach-agent@good.service multi-user.target.wants" "of each good file"
is "$(readlink "$work/units/multi-user.target.wants/ktach-agent@good.service")" ../ktach-agent@good.service "which is wanted at boot"
is "$(grep -c 'is left out' "$work/said")" 2 "the others are told of"
if command -v systemd-analyze >/dev/null; then
	is "$(systemd-analyze verify --man=no "$work/units/ktach-agent@good.service" 2>&1 | grep good)" "" "systemd finds nothing wrong with it"
else
	skip "systemd finds nothing wrong with it" "systemd-analyze is not here"
fi

# --- running, without systemd
agentd() {
	unshare --mount sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' - env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/none \
		"$B/ktach-agentd" --agents "$work/agents" --run "$work/run" --state "$work/state" --http "127.0.0.1:$port" 2>"$work/log" &
	pid=$!
}
port=$((20000 + $$ % 20000))
agentd
url=http://127.0.0.1:$port
check "it answers" wait_for 60 curl -sf -o /dev/null "$url/healthz"
is "$(curl -s "$url/healthz")" '{"status":"ok","systemd":false}' "and says that there is no systemd"
ask() { "$B/bin/ktach" agent --run "$work/run" "$@"; }
is "$(ask list --json | jq -c '[.agents[] | [.agent, .state]]')" '[["good","unknown"],["good","broken"],["key","broken"]]' \
	"agents are listed, with what is broken"
refused 1 "nothing can be started" "good: systemd's bus is away" "$B/bin/ktach" agent --run "$work/run" restart good
refused 1 "an agent that is none" "there is no such agent" "$B/bin/ktach" agent --run "$work/run" stop bad
refused 1 "who is not root" "only root and members of the group ktach may list agents" \
	setpriv --reuid nobody --regid nogroup --clear-groups "$B/bin/ktach" agent --run "$work/run" list
refused 1 "where nothing runs" "ktach-agentd does not run on this host" "$B/bin/ktach" agent --run "$work" list
refused 2 "a verb that is none" "'shout': expected list, start" "$B/bin/ktach" agent shout

# post STATUS FIELD TEXT BODY [OPTION...]: one point.
post() {
	local status=$1 field=$2 text=$3 body=$4
	shift 4
	is "$(curl -s -w '%{http_code}' "$@" --data-binary "$body" "$url/heartbeat" | jq -r -s 'map(if type == "object" then .field // "" else . end) | join(" ")')" \
		"$field $status" "refused: $text"
}
post 400 "" "what is no JSON" 'x'
post 400 "" "what is no object" '[]'
post 400 "" "a field that is there twice" '{"agent_id":"good","pid":1,"pid":2}'
post 400 agent_id "a heartbeat of nobody" '{"pid":1}'
post 400 agent_id "one of no agent" '{"agent_id":"bad","pid":1}'
post 400 pid "one without a process" '{"agent_id":"good"}'
post 400 pid "one whose process is no number" '{"agent_id":"good","pid":"1"}'
post 400 cpu "a figure that is negative" '{"agent_id":"good","pid":1,"cpu":-1}'
post 400 memory "one that is a text" '{"agent_id":"good","pid":1,"memory":"much"}'
post 403 pid "a process that is not the agent's" "{\"agent_id\":\"good\",\"pid\":$$}"
post 413 "" "one of more than 4 kB" "{\"agent_id\":\"$(printf '%5000s' x)\"}"
post 403 "" "what a browser sends for a page" '{"agent_id":"good","pid":1}' -H 'Origin: http://example.com'
post 403 "" "what was sent to another name" '{"agent_id":"good","pid":1}' -H 'Host: example.com'
is "$(ask list --json | jq '.agents[0].refused_heartbeats')" 1 "what lied is counted"

# Sixteen that say nothing, and then one that does.
for _ in $(seq 20); do
	exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	fds+=("$fd")
done
check "those who say nothing are not in the way for long" curl -sf -m 60 -o /dev/null "$url/healthz"
for fd in "${fds[@]}"; do exec {fd}>&-; done

printf 'exec = /bin/true\nuser = daemon\n' >"$work/agents/late.conf"
check "a file that appears is read" wait_for 60 eval '[ "$(ask list --json | jq ".agents | length")" -eq 4 ]'
kill -HUP $pid
check "SIGHUP has it read its own" wait_for 60 grep -q 'configuration read; nothing has changed' "$work/log"
ask disable good
check "an agent is disabled in its file" grep -qx 'enabled = no' "$work/agents/good.conf"
ask enable good
is "$(grep -c enabled "$work/agents/good.conf") $(grep -c 'enabled = yes' "$work/agents/good.conf")" "1 1" "and enabled, in the same line"
is "$(stat -c %a "$work/agents/good.conf")" 644 "its mode stays"
kill $pid
wait $pid
is $? 0 "it ends well"
is "$(grep -c 'systemd cannot be asked' "$work/log")" 1 "that there was no systemd was said once"
is "$(ls "$work/run")" "" "its sockets are gone"
done_testing
