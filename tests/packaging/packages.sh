# SPDX-License-Identifier: GPL-2.0-or-later
# In the container of packages_test.sh, once it is up: TAP of what packages do there,
# in /results/tap. The phase is one boot.
. /tests/tap.sh
read -r phase </results/phase
exec >/results/tap 2>&1
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
. /etc/os-release
both="ktach-collector ktach-shipper"

# api PATH: of the collector.
api() {
	exec 3<>/dev/tcp/127.0.0.1/8766 || return
	printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
	sed '1,/^\r$/d' <&3
	exec 3>&-
} 2>/dev/null
has() { api "$1" | grep -qE "$2"; }
runs() { systemctl -q is-active $both; }
apt() { apt-get -q -y "$@"; }
# must TEXT COMMAND...: a point without which the rest makes no sense.
must() {
	check "$@"
	[ "$tap_failed" -eq 0 ] || done_testing
}
# from REPOSITORY: what apt installs from.
from() {
	echo "deb [signed-by=/etc/apt/keyrings/ktach.asc] file:/repo/$1/$VERSION_CODENAME ./" >/etc/apt/sources.list.d/ktach.list
	apt-get -q update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/ktach.list -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
}
refuses() { ! from "$1" >/tmp/said 2>&1 && grep -qE "$2" /tmp/said; }
agent_runs() { ktach agent list | grep -q "^sleeper .*running"; }
agent_pid() { systemctl show -p MainPID --value ktach-agent@sleeper; }
fresh() { has "/api/v1/nodes/$(cat /var/lib/ktach/node-id)" '"state":"fresh".*"cpu":\{'; }
rows() { ktach-collector export --table cpu 2>/dev/null | wc -l; }
more_rows() { [ "$(rows)" -gt "$1" ]; }
keys() { cat /etc/ktach/keys/* /etc/ktach/node.key /var/lib/ktach/node-id | sha256sum; }
# Programs that run are those that are installed.
current() {
	local unit pid
	for unit in $both; do
		pid=$(systemctl show -p MainPID --value $unit)
		[ "$(readlink "/proc/$pid/exe")" = /usr/sbin/$unit ] || return
	done
}
lost() { api "/api/v1/nodes/$(cat /var/lib/ktach/node-id)" | grep -o '"loss":{[^}]*}' | grep -o '"lost[a-z_]*":[0-9]*' | xargs; }
# Files anywhere that are named after ktach, but for the test's own and dpkg's.
leftovers() {
	find / -xdev \( -path /proc -o -path /sys -o -path /repo -o -path /results -o -path /tests -o -path /copied -o -path /tmp \
		-o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /run -o -path /var/log \) -prune \
		-o -name '*ktach*' ! -name ktach.list ! -name ktach.asc -print
}
# Sealed, as docs/admin.md says.
make_keys() {
	ktach-collector key --out /etc/ktach/keys/fleet.key && chown ktach-collector: /etc/ktach/keys/fleet.key &&
		ktach-collector key --fleet /etc/ktach/keys/fleet.key --node "$(cat /var/lib/ktach/node-id)" --out /etc/ktach/node.key &&
		chown ktach-shipper: /etc/ktach/node.key &&
		sed -i 's|^#keys = .*|keys = /etc/ktach/keys|' /etc/ktach/collector.conf &&
		sed -i 's|^#collector = .*|collector = localhost\nkey = /etc/ktach/node.key|' /etc/ktach/shipper.conf &&
		systemctl reload ktach-collector && systemctl restart ktach-shipper
}

# By the command, as a host whose node is known.
enrol() {
	sed -i 's|^#enroll = .*|enroll = 127.0.0.1|' /etc/ktach/collector.conf && systemctl restart ktach-collector &&
		ktach-shipper enroll 127.0.0.1 --token "$(ktach-collector enroll --new --node "$(cat /var/lib/ktach/node-id)")" --replace
}

phase_install() {
	local start
	mkdir -p /etc/apt/keyrings
	cp /repo/first/ktach.asc /etc/apt/keyrings/
	rm -f /usr/sbin/policy-rc.d
	check "apt refuses a list that its owner did not sign" refuses forged 'Hash Sum mismatch|unexpected size'
	check "and takes the one that is signed" from first
	start=$(date +%s%N)
	must "ktach-collector installs, and what it recommends" apt install ktach-collector
	must "its page is there" wait_for 60 has / '<title>'
	must "with first figures of this host" wait_for 60 fresh
	echo "# $((($(date +%s%N) - start) / 10000000))0 ms from 'apt-get install' to the first figure"
	check "both services run" runs
	is "$(systemctl is-enabled $both | sort -u)" enabled "and will after a boot"
	is "$(dpkg -V ktach ktach-common ktach-shipper ktach-collector)" "" "each file is as it was packaged"
	is "$(stat -c '%U %a' /var/lib/ktach/collector /etc/ktach/keys | xargs)" "ktach-collector 750 ktach-collector 700" \
		"history and keys are the collector's"
	is "$(dpkg-query -W -f '${Conffiles}' ktach-collector ktach-shipper | grep -o '/etc/[^ ]*' | xargs)" \
		"/etc/ktach/collector.conf /etc/ktach/shipper.conf" "files in /etc are conffiles"
	check "ktach is in the path" ktach --from proc
	for page in ktach.1 ktach.conf.5 ktach-shipper.8 ktach-collector.8; do
		check "a manual: $page" test -s "$(find /usr/share/man -name "$page.gz")"
	done
	for program in ktach ktach-shipper ktach-collector; do
		check "bash completes $program" bash -ic ". /usr/share/bash-completion/bash_completion; _completion_loader $program; complete -p $program | grep -w _ktach"
	done
	is "$(zsh -f /tests/complete.zsh "ktach-shipper --coll")" "ktach-shipper --collector" "zsh completes an option"
	is "$(zsh -f /tests/complete.zsh "ktach-collector ex")" "ktach-collector export" "a command"
	is "$(zsh -f /tests/complete.zsh "ktach show sof")" "ktach show softirq" "an operand"
	is "$(zsh -f /tests/complete.zsh "ktach-shipper --transport t")" "ktach-shipper --transport tcp" "an argument"
	must "ktach-agentd installs" apt install ktach-agentd
	check "it runs" systemctl -q is-active ktach-agentd
	printf '%s\n' 'exec = /bin/sleep' 'args = infinity' 'user = nobody' >/etc/ktach/agents.d/sleeper.conf
	check "a file is an agent" wait_for 60 agent_runs
	is "$(dpkg-query -W -f '${Conffiles}' ktach-agentd | grep -o '/etc/[^ ]*' | xargs)" \
		"/etc/ktach/agentd.conf /etc/systemd/journald@ktach-agents.conf" "its files in /etc are conffiles"
	check "frames are sealed from now on" make_keys
	check "and taken" wait_for 60 has /api/v1/health '"unsealed":[0-9]*,.*"key":0,"forged":0'
	check "the node goes on" wait_for 60 fresh
	check "it enrols, and its frames arrive" told 'frames arrive$' enrol
	is "$(stat -c '%U %a' /etc/ktach/node.key)" "ktach-shipper 600" "the new key is its own"
	rows >/results/rows
	keys >/results/keys
	cp /var/lib/ktach/node-id /results/node
}

phase_again() {
	must "after a boot both run" wait_for 60 runs
	check "the node is the same, and fresh" wait_for 60 fresh
	is "$(cat /var/lib/ktach/node-id)" "$(cat /results/node)" "its id is that of before"
	check "the history has what was there, and more" wait_for 60 more_rows "$(cat /results/rows)"
	rows >/results/rows
	lost >/results/lost
	check "the agent runs after a boot, too" wait_for 60 agent_runs
	agent_pid >/results/agent
	check "the next version is offered" from second
	must "it is installed" apt dist-upgrade
	is "$(dpkg-query -W -f '${Version}\n' ktach ktach-agentd ktach-common $both | sed 's/.*\.//' | sort -u)" 1 "all of it"
	check "what runs is the new one" wait_for 60 current
	check "the agent is looked after" wait_for 60 agent_runs
	is "$(agent_pid)" "$(cat /results/agent)" "and ran on"
	check "the node goes on" wait_for 60 fresh
	check "history and node are those of before" wait_for 60 more_rows "$(cat /results/rows)"
	is "$(keys)" "$(cat /results/keys)" "so are keys and id"
	is "$(lost)" "$(cat /results/lost)" "no frame was lost over TCP"
	check "the configuration is the admin's" grep -q '^keys = /etc/ktach/keys' /etc/ktach/collector.conf
}

phase_purge() {
	check "both run after a boot with the new version" wait_for 60 runs
	check "all that run are removed" apt remove $both ktach-agentd
	is "$(pgrep -x sleep -u nobody)" "" "no agent is left"
	is "$(pgrep -a -f '^/usr/sbin/ktach')" "" "nothing runs any more"
	is "$(find /usr/sbin /usr/lib/systemd /lib/systemd/system -name 'ktach*')" "" "programs and units are gone"
	is "$(keys)" "$(cat /results/keys)" "keys and id are left"
	check "so is the history" test -s /var/lib/ktach/collector/history.db
	check "the shipper is purged" apt purge ktach-shipper
	is "$(ls /etc/ktach /var/lib/ktach | xargs)" "/etc/ktach: agentd.conf agents.d collector.conf keys /var/lib/ktach: collector" \
		"what is the collector's is left"
	rm /etc/ktach/agents.d/sleeper.conf
	check "all is purged" apt purge ktach-agentd ktach-collector ktach-common ktach
	is "$(leftovers)" "" "nothing of it is left"
	is "$(systemctl list-unit-files --no-legend 'ktach*')" "" "systemd knows of no unit"
}

# As docs/admin.md of that version had it: libraries first, then the files.
phase_copied() {
	mkdir -p /etc/apt/keyrings
	cp /repo/first/ktach.asc /etc/apt/keyrings/
	rm -f /usr/sbin/policy-rc.d
	must "libraries for the copied programs" apt install --no-install-recommends libwebsockets17 libbpf1 libinih1 libisal2 libjansson4 \
		libncursesw6 libnl-genl-3-200 libsodium23 libsqlite3-0 liburing2 libzstd1
	(
		cd /copied && install -m 755 ktach-collector ktach-shipper ktach /usr/sbin/ &&
			install -m 644 ./*.service /etc/systemd/system/ &&
			install -m 644 ktach.sysusers /usr/lib/sysusers.d/ktach.conf && systemd-sysusers &&
			install -d /etc/ktach && install -m 644 ./*.conf /etc/ktach/ && systemctl daemon-reload &&
			install -d -m 700 -o ktach -g ktach /etc/ktach/keys &&
			ktach-collector key --out /etc/ktach/keys/fleet.key && chown ktach: /etc/ktach/keys/fleet.key &&
			sed -i 's|^#keys = .*|keys = /etc/ktach/keys|' /etc/ktach/collector.conf &&
			systemctl enable --now ktach-collector ktach-shipper
	)
	must "the copied files run" systemctl -q is-active $both
	wait_for 60 test -s /var/lib/ktach/node-id
	ktach-collector key --fleet /etc/ktach/keys/fleet.key --node "$(cat /var/lib/ktach/node-id)" >/etc/ktach/node.key
	chmod 600 /etc/ktach/node.key
	chown ktach: /etc/ktach/node.key
	sed -i 's|^#collector = .*|collector = localhost\nkey = /etc/ktach/node.key\ntransport = tcp|' /etc/ktach/shipper.conf
	systemctl restart ktach-shipper
	check "the node is there" wait_for 60 fresh
	check "with a history" wait_for 60 more_rows 3
	rows >/results/rows
	keys >/results/keys
	# docs/admin.md, "Over copied files".
	check "copied files make room" rm /etc/systemd/system/ktach-shipper.service /etc/systemd/system/ktach-collector.service \
		/usr/sbin/ktach /usr/lib/sysusers.d/ktach.conf
	check "the repository" from first
	must "the packages install over them" apt -o Dpkg::Options::=--force-confold install ktach-collector ktach-shipper
	check "what runs is the packages'" wait_for 60 current
	is "$(systemctl show -p FragmentPath --value $both | grep -v '^$' | xargs -n 1 dirname | sort -u)" \
		"$(dirname "$(dpkg -L ktach-collector | grep '\.service$')")" "by their units"
	check "the node goes on" wait_for 60 fresh
	check "with its history" wait_for 60 more_rows "$(cat /results/rows)"
	is "$(keys)" "$(cat /results/keys)" "its keys and its id"
	is "$(find /var/lib/ktach /etc/ktach -user ktach -o -group ktach | grep -v '^/etc/ktach/keys$')" "" "nothing is the old user's any more"
}

phase_"$phase"
[ "$tap_failed" -eq 0 ] || journalctl -o cat -u ktach-collector -u ktach-shipper | tail -n 30 | sed 's/^/# /'
done_testing
