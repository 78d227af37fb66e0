# SPDX-License-Identifier: GPL-2.0-or-later
# In the container of agents_test.sh, once it is up: TAP of what agents do there, in
# /results/tap. It is booted twice.
. /tests/tap.sh
exec >>/results/tap 2>&1
agents=/etc/ktach/agents.d
patience=60

# value AGENT KEY: of what ktach-agentd says of it.
value() {
	ktach agent list --json | python3 -c '
import json, sys
for a in json.load(sys.stdin)["agents"]:
    if a["agent"] == sys.argv[1] and (a["state"] != "broken" or "unit" in a or len(sys.argv) > 3):
        print(a.get(sys.argv[2], ""))' "$@"
}
has() { [ "$(value "$1" "$2")" = "$3" ]; }
at_least() { [ "$(value "$1" "$2")" -ge "$3" ]; }
pid() { systemctl show -p MainPID --value "ktach-agent@$1"; }
runs() { systemctl -q is-active "ktach-agent@$1" && [ "$(value "$1" state)" = running ]; }
ends() { ! systemctl -q is-active "ktach-agent@$1"; }
says() { journalctl -b -o cat -u ktach-agentd | grep -qE -e "$1"; }
times() { journalctl -b -o cat -u ktach-agentd | grep -cE -e "$1"; }
# once PATTERN TEXT: one point: ktach-agentd says a line like that, and does not again.
once() {
	wait_for $patience says "$1"
	is "$(times "$1")" 1 "$2"
}
# becomes AGENT KEY VALUE TEXT: one point.
becomes() { check "$4" wait_for $patience has "$1" "$2" "$3"; }
# agent NAME LINE...: its file appears at once, as a package manager's do.
agent() {
	printf '%s\n' "${@:2}" >"$agents/.$1.new"
	mv "$agents/.$1.new" "$agents/$1.conf"
}
exists() { [ -e "$1" ]; }
answers() { curl -s -m 5 "http://127.0.0.1:8081$1" "${@:2}"; }

mkdir -m 777 /run/agents
if [ -e /results/first ]; then
	# --- after a reboot
	check "after a reboot the agent is started by systemd" wait_for $patience runs good
	is "$(value good enabled)$(value off state)" "Truedisabled" "and one that is disabled is not"
	is "$(value good restarts)" "$(cat /results/restarts)" "a reboot is no restart: they are as many as they were"
	check "it is a start" at_least good starts $(($(cat /results/starts) + 1))
	is "$(value crash state)$(value crash exit)" "$(cat /results/crash)" "how another one ended is known still, and that it failed"
	is "$(times 'crash: failed')" 0 "which is not said again"
	done_testing
fi
touch /results/first

check "ktach-agentd runs" systemctl -q is-active ktach-agentd
is "$(grep CapEff "/proc/$(systemctl show -p MainPID --value ktach-agentd)/status" | cut -f 2)" 0000000000000000 \
	"as root without a capability"
is "$(systemctl is-active ktach-agent@good)$(value good state)" activerunning "an agent that was there at boot runs"
is "$(ps -o user= -p "$(pid good)")" daemon "as its user"
is "$(systemctl show -p Slice --value ktach-agent@good)" ktach-agents.slice "in the slice of agents"

# --- files appear, are renamed, disabled, broken
agent new 'exec = /bin/sleep' 'args = infinity' 'user = daemon'
check "a file that appears is an agent that runs" wait_for $patience runs new
was=$(pid new)
mv $agents/new.conf $agents/other.conf
check "renamed, it runs by its new name" wait_for $patience runs other
check "and not by its old one" wait_for $patience ends new
check "its process is gone" wait_for $patience eval "! kill -0 $was 2>/dev/null"
check "its file is gone: it is none of the agents" wait_for $patience has new state ""
ktach agent disable other
check "one that is disabled ends" wait_for $patience ends other
becomes other state disabled "and says so"
is "$(grep -c '^enabled = no$' $agents/other.conf)" 1 "its file says so"
ktach agent enable other
check "one that is enabled runs" wait_for $patience runs other
sed -i 's/^args = .*/args = 100000/' $agents/other.conf
check "a file that changes is told of" wait_for $patience has other changed True
is "$(tr '\0' ' ' <"/proc/$(pid other)/cmdline")" "/bin/sleep infinity " "and the agent goes on as before"
check "it is restarted" ktach agent restart other
is "$(tr '\0' ' ' <"/proc/$(pid other)/cmdline")" "/bin/sleep 100000 " "then it is what the file says"
echo 'exex = /bin/true' >>$agents/other.conf
check "a file that becomes wrong is told of, with its line and the nearest key" \
	wait_for $patience says "other.conf:[0-9]+: exex: no such key; did you mean 'exec'\?; the agent goes on as before"
check "its agent runs on" runs other
agent twin 'name = good' 'exec = /bin/false' 'user = daemon'
check "two of one name: the second is refused" wait_for $patience says 'twin.conf: the agent good is in .*/good.conf already'
check "and the first runs on" runs good
rm $agents/twin.conf
agent wrong 'exec = nowhere'
check "a broken file is an agent that is broken" wait_for $patience eval '[ "$(value wrong state all)" = broken ]'
agent fine 'exec = /bin/sleep' 'args = infinity' 'user = daemon'
check "while the others come and run" wait_for $patience runs fine
rm $agents/wrong.conf $agents/fine.conf $agents/other.conf

# --- agents that misbehave
agent crash 'exec = /bin/sh' 'args = -c "exit 3"' 'user = daemon' '[restart]' 'policy = always' 'delay = 100ms' 'limit = 3'
becomes crash state failed "an agent that crashes is restarted until it has failed"
is "$(value crash restarts) $(value crash exit)" "3 exited with 3" "as often as it may be, and how it ended is known"
once 'crash: failed' "which is said once"
# tells NAME UP FAILED: what ktach-shipper's collector tells.
tells() { ktach show agent --json | python3 -c 'import json, sys
name, up, failed = sys.argv[1:]
a = [a for a in json.load(sys.stdin)["agent"]["agents"] if a["name"] == name]
sys.exit(not a or [str(a[0]["up"]), str(a[0]["failed"])] != [up, failed])' "$@"; }
check "so says ktach, though it has no control group" wait_for $patience tells crash False True
check "and of one that runs" wait_for $patience tells good True False

agent hang 'exec = /usr/bin/python3' 'args = -m http.server --bind 127.0.0.1 9101' 'user = daemon' 'folder = /var/empty' \
	'[health]' 'check = http' 'url = http://127.0.0.1:9101/' 'interval = 1s' 'timeout = 1s' 'retries = 2'
check "an agent that answers runs" wait_for $patience runs hang
check "and is checked" wait_for $patience at_least hang checks 2
kill -STOP "$(pid hang)"
check "one that hangs is restarted" wait_for $patience has hang health_restarts 1
check "and runs again" wait_for $patience runs hang
becomes hang exit_reason "health check failed: health URL: no answer in time" "the reason is known"
rm $agents/hang.conf

agent stubborn 'exec = /bin/sh' "args = -c \"trap '' TERM; while :; do sleep 1; done\"" 'user = daemon' 'stop-time = 1s'
check "an agent that ignores SIGTERM runs" wait_for $patience runs stubborn
check "it is stopped all the same" ktach agent stop stubborn
becomes stubborn exit "killed by SIGKILL" "by force"
becomes stubborn exit_reason "stop asked for" "as was asked for"
becomes stubborn state stopped "which is no failure"
rm $agents/stubborn.conf

agent fork 'exec = /bin/sh' 'args = -c "setsid sleep 86420 & exit 0"' 'user = daemon'
becomes fork exit "exited with 0" "an agent that forks away has ended"
check "and what it left is gone" wait_for $patience eval '! pgrep -f "sleep 86420"'
rm $agents/fork.conf

agent flood 'exec = /bin/sh' 'args = -c "yes flood | head -n 200000; exec sleep infinity"' 'user = daemon'
check "an agent that floods its log runs" wait_for $patience runs flood
check "and gets to its end" wait_for $patience eval '[ "$(cat "/proc/$(pid flood)/comm")" = sleep ]'
check "of which the journal keeps a part" test "$(journalctl --namespace=ktach-agents -o cat -t sh | grep -c flood)" -lt 100000
is "$(journalctl -o cat -t sh | grep -c flood)" 0 "and this host's own journal has none of it"
check "its log is shown" told flood ktach agent logs flood --lines 3
rm $agents/flood.conf

printf '#!/bin/sh\nid -u >/run/agents/checked\ntest -e /run/agents/well\n' >/usr/local/bin/look
chmod 755 /usr/local/bin/look
touch /run/agents/well
agent look 'exec = /bin/sleep' 'args = infinity' 'user = daemon' '[health]' 'check = command' 'command = /usr/local/bin/look' \
	'interval = 1s' 'timeout = 1s' 'retries = 2' '[restart]' 'limit = 1' 'delay = 100ms'
check "a health command runs" wait_for $patience exists /run/agents/checked
is "$(cat /run/agents/checked)" "$(id -u daemon)" "as the agent's user"
check "and tells that all is well" wait_for $patience at_least look checks 2
is "$(value look state)" running "so the agent runs on"
rm /run/agents/well
becomes look state failed "one that never gets well is restarted, then has failed"
is "$(value look health_restarts)" 1 "after as many restarts as it may have"
once 'look: failed' "which is said once"
touch /run/agents/well
becomes look state running "once it is well it has not failed any more"
rm $agents/look.conf

# --- heartbeats
agent beat 'exec = /tests/agents/beat.py' 'args = beat' 'user = daemon' '[health]' 'check = heartbeat' 'interval = 2s' 'timeout = 1s' 'retries = 1'
agent webbeat 'exec = /tests/agents/beat.py' 'args = webbeat http' 'user = daemon' '[health]' 'check = heartbeat' 'interval = 2s' 'timeout = 1s' 'retries = 1'
agent liar 'exec = /tests/agents/beat.py' 'args = good' 'user = daemon'
agent webliar 'exec = /tests/agents/beat.py' 'args = beat http' 'user = nobody'
check "heartbeats come by datagram" wait_for $patience has beat said_memory 4096
check "and by HTTP" wait_for $patience has webbeat said_memory 4096
check "what lies in its heartbeat is told" wait_for $patience says '(good|beat): a heartbeat in its name was refused: no process of this agent'
check "by HTTP, too" wait_for $patience at_least beat refused_heartbeats 1
is "$(value good said_memory)$(value good heartbeat_us)" "" "and what it says does not count"
rm $agents/liar.conf $agents/webliar.conf
touch /run/agents/silent
check "an agent that falls silent is restarted" wait_for $patience at_least beat health_restarts 1
becomes beat exit_reason "health check failed: no heartbeat" "as there was no heartbeat"
rm /run/agents/silent
is "$(answers /heartbeat -d '{"agent_id":"beat","pid":-1}')" '{"error":"expected the id of a process","field":"pid"}' \
	"a field that is wrong is named"
rm $agents/beat.conf $agents/webbeat.conf

agent dog 'exec = /bin/sleep' 'args = infinity' 'user = daemon' '[health]' 'check = watchdog' 'interval = 1s' 'timeout = 1s' 'retries = 1'
becomes dog exit_reason watchdog "one that does not feed systemd's watchdog ends by it"
rm $agents/dog.conf

# --- who may what
check "root lists" ktach agent list
refused 1 "nobody may list" 'only root and members of the group ktach may list agents' setpriv --reuid nobody --regid nogroup --clear-groups ktach agent
check "a member of the group may" setpriv --reuid nobody --regid nogroup --groups ktach ktach agent list
refused 1 "but not stop" 'only root may start and stop' setpriv --reuid nobody --regid nogroup --groups ktach ktach agent stop good

# --- ktach-agentd dies
was=$(pid good) counted=$(value crash restarts)
kill -9 "$(systemctl show -p MainPID --value ktach-agentd)"
check "ktach-agentd, killed, is started again" wait_for $patience has crash restarts "$counted"
is "$(pid good)" "$was" "agents ran on"
is "$(value crash exit) $(value crash state)" "exited with 3 failed" "nothing is forgotten"
counted=$(value good restarts)
systemctl stop ktach-agentd
kill -9 "$was"
wait_for $patience eval '[ "$(pid good)" -ne 0 ] && [ "$(pid good)" -ne '"$was"' ]'
systemctl start ktach-agentd
becomes good restarts $((counted + 1)) "what happened while it was away is counted"

# --- the bus goes, and systemd's own socket
was=$(pid good) bus=$(systemctl show -p MainPID --value dbus)
systemctl stop dbus.socket
mv /run/systemd/private /run/systemd/away
kill "$bus"
becomes good state unknown "without systemd's bus nothing is known"
once 'systemd cannot be asked' "which is said once"
check "agents run on" kill -0 "$was"
refused 1 "nothing can be started" "systemd's bus is away" ktach agent restart good
mv /run/systemd/away /run/systemd/private
becomes good state running "once it is there all is known again"
check "and agents can be operated" ktach agent restart good

# --- for the next boot
agent off 'exec = /bin/sleep' 'args = infinity' 'user = daemon' 'enabled = no'
becomes off state disabled "one that is disabled from the beginning is not started"
ktach agent disable crash
check "another one that has failed is disabled" wait_for $patience has crash enabled False
value good restarts >/results/restarts
value good starts >/results/starts
echo "$(value crash state)$(value crash exit)" >/results/crash
touch /results/reboot
done_testing
