# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Source this after tests/tap.sh: containers over this host's files with ktach-agentd.
# container_root makes one, in $root; boot starts it. What it does there is /tests/agents/booted.sh's
# to say.
[ "$(id -u)" -eq 0 ] || skip_all "only root can start a container"
command -v systemd-nspawn >/dev/null || skip_all "systemd-nspawn is not installed"
command -v dbus-daemon >/dev/null || skip_all "dbus-daemon is not installed"
work=$(mktemp -d)
remove_containers() {
	umount "$work"/*/root 2>/dev/null
	umount "$work"
	rmdir "$work"
}
trap remove_containers EXIT
# An overlay cannot be on one: this host may be a container itself.
mount -t tmpfs tmpfs "$work" || skip_all "no tmpfs can be mounted"

# container_root DIR: it is in DIR/root.
container_root() {
	local unit
	mkdir "$1" "$1/upper" "$1/work" "$1/root"
	root=$1/root
	mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root" 2>/dev/null || return
	rm -rf "$root/etc/ktach" "$root/var/lib/ktach-agentd" "$root/etc/machine-id" "$root"/etc/systemd/system/multi-user.target.wants/*
	mkdir -p "$root/etc/ktach/agents.d" "$root/results" "$root/tests/agents" "$root/usr/lib/systemd/system-generators" \
		"$root/etc/systemd/system/multi-user.target.wants" "$root/var/empty" "$root/var/log/journal"
	cp "$B/ktach-agentd" "$root/usr/sbin/"
	cp "$B/bin/ktach" "$root/usr/bin/"
	cp "$B/ktach-agent-generator" "$root/usr/lib/systemd/system-generators/"
	cp packaging/systemd/ktach-agentd.service tests/agents/booted.service "$root/etc/systemd/system/"
	cp packaging/systemd/journald-ktach-agents.conf "$root/etc/systemd/journald@ktach-agents.conf"
	cp packaging/systemd/ktach-shipper.sysusers "$root/usr/lib/sysusers.d/ktach-shipper.conf"
	cp tests/tap.sh "$root/tests/"
	cp tests/agents/beat.py "$root/tests/agents/"
	for unit in ktach-agentd booted; do
		ln -s "../$unit.service" "$root/etc/systemd/system/multi-user.target.wants/"
	done
	for unit in systemd-udevd systemd-sysctl systemd-networkd systemd-resolved ssh systemd-logind; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
	done
}

# boot: until it is powered off, or (133) wants to be booted again.
boot() {
	timeout 400 systemd-nspawn -q --register=no --keep-unit --private-network --link-journal=no \
		--console=pipe -D "$root" -b systemd.unit=multi-user.target >"$work/console" 2>&1 </dev/null
}
