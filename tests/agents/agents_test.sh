#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Agents under a real systemd, in a container over this host's files: what misbehaves,
# what is renamed, disabled or broken; ktach-agentd killed, the bus away, a reboot.
# Time limit: 600 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/agents/container.sh
container_root "$work/node" || skip_all "no overlay of this host's files can be mounted"
cp tests/agents/booted.sh "$root/tests/agents/"
printf 'exec = /bin/sleep\nargs = 86400\nuser = daemon\n[restart]\npolicy = always\n' >"$root/etc/ktach/agents.d/good.conf"

boot
is $? 133 "the container is to be booted again"
boot
is $? 0 "and then powers off"
[ -s "$root/results/tap" ] || tail -n 30 "$work/console" >&2
relay "$root/results/tap"
is "$plans $planned" "2 $points" "the container has said all that it had to say, in two boots"
check "which is much: $points points" [ "$points" -gt 60 ]
[ "$tap_failed" -eq 0 ] || journalctl --no-pager -o cat -D "$root/var/log/journal" -u ktach-agentd | tail -n 60 | sed 's/^/# /'
done_testing
