#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ktach-agentd costs with 50 agents: 20 that send a heartbeat each 5 s, 15 that are
# asked by HTTP each 10 s, 15 that are only there; under a real systemd, in a container.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}
seconds=${SECONDS_AGENTD:-60}
. tests/agents/container.sh
container_root "$work/node" || skip_all "no overlay of this host's files can be mounted"

for i in $(seq 50); do
	kind="idle"
	[ "$i" -le 20 ] && kind=beat
	[ "$i" -gt 35 ] && kind=http
	{
		printf 'user = daemon\nexec = '
		case $kind in
		idle) printf '/bin/sleep\nargs = infinity\n' ;;
		beat) printf '/usr/bin/python3\nargs = /tests/agents/beat.py a%s every=5\n[health]\ncheck = heartbeat\n' "$i" ;;
		http) printf '/bin/sleep\nargs = infinity\n[health]\ncheck = http\nurl = http://127.0.0.1:9101/\n' ;;
		esac
	} >"$root/etc/ktach/agents.d/a$i.conf"
done
# A server that all HTTP checks ask; its own log would be the most that is done there.
printf 'user = daemon\nexec = /bin/sh\nargs = -c "exec python3 -m http.server --bind 127.0.0.1 9101 2>/dev/null >&2"\nfolder = /var/empty\n' \
	>"$root/etc/ktach/agents.d/server.conf"
cat >"$root/tests/agents/booted.sh" <<END
. /tests/tap.sh
mkdir -p /run/agents
running() { [ "\$(ktach agent list | grep -c running)" -ge 51 ]; }
wait_for 120 running
sleep 15
pid=\$(systemctl show -p MainPID --value ktach-agentd)
before=\$(cut -d ' ' -f 1 /proc/\$pid/schedstat) began=\$(date +%s%N)
sleep $seconds
after=\$(cut -d ' ' -f 1 /proc/\$pid/schedstat) ended=\$(date +%s%N)
{
	echo "cpu \$((after - before)) \$((ended - began))"
	grep VmRSS /proc/\$pid/status
	ktach agent list --json
} >/results/figures 2>&1
END
boot
[ -s "$root/results/figures" ] || { tail -n 20 "$work/console" >&2; exit 1; }
running=$(grep -c '"state": "running"' "$root/results/figures")
echo "agentd: $running agents run, $(grep -c '"heartbeat_us"' "$root/results/figures") send heartbeats"
awk '
function bar(name, value, most) { printf "BAR %s %s %s %s\n", name, value, most, value + 0 <= most ? "ok" : "short" }
/^cpu/ { bar("agentd_cpu_us_per_s", sprintf("%.0f", $2 / 1000 / ($3 / 1e9)), 1000) }
/^VmRSS/ { bar("agentd_rss_kib", $2, 6144) }' "$root/results/figures"
[ "$running" -ge 51 ]
