#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Both services under a real systemd, in a container over this host's files, after
# an upgrade from the time when they were one user. units_test.sh does in a guest
# what a container cannot: modules, BPF, the watchdog.
# Time limit: 600 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
[ "$(id -u)" -eq 0 ] || skip_all "only root can start a container"
command -v systemd-nspawn >/dev/null || skip_all "systemd-nspawn is not installed"
work=$(mktemp -d)
trap 'umount "$work/root" 2>/dev/null; umount "$work"; rmdir "$work"' EXIT
# An overlay cannot be on one: this host may be a container itself.
mount -t tmpfs tmpfs "$work" || skip_all "no tmpfs can be mounted"
mkdir "$work/upper" "$work/work" "$work/root" "$work/results"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root" 2>/dev/null ||
	skip_all "no overlay of this host's files can be mounted"
root=$work/root

# --- as it was: one user, with a history, keys, and a state
rm -rf "$root/etc/ktach" "$root/var/lib/ktach" "$root/etc/machine-id" "$root"/etc/systemd/system/multi-user.target.wants/*
mkdir -p "$root/etc/ktach" "$root/var/lib/ktach/collector" "$root/var/lib/ktach/keys" "$root/usr/lib/ktach"
mkdir -m 700 "$root/var/lib/ktach/spool" # as the shipper makes it
echo 'u ktach - "ktach" /var/lib/ktach' | systemd-sysusers --root="$root" - 2>/dev/null
node=12345678-1234-4234-8234-123456789abc
echo $node >"$root/var/lib/ktach/node-id"
"$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$root/var/lib/ktach/collector" 2>"$work/first" &
for _ in $(seq 100); do grep -q listening "$work/first" && break; sleep 0.1; done
kill $! && wait $!
"$B/ktach-collector" key --out "$root/var/lib/ktach/keys/fleet.key" 2>/dev/null
"$B/ktach-collector" key --fleet "$root/var/lib/ktach/keys/fleet.key" --node $node --out "$root/etc/ktach/node.key" 2>/dev/null
printf '[collector]\nkeys = /var/lib/ktach/keys\n' >"$root/etc/ktach/collector.conf"
touch "$root/var/lib/ktach/keys/note"
printf '[shipper]\ntransport = tcp\ncollector = localhost\nkey = /etc/ktach/node.key\nspool = /var/lib/ktach/spool\nname = before\n' \
	>"$root/etc/ktach/shipper.conf"
chroot "$root" chown -R ktach:ktach /var/lib/ktach /etc/ktach/node.key
chroot "$root" chown root:ktach /var/lib/ktach/keys/note

# --- as it is installed
cp "$B/ktach-collector" "$B/ktach-shipper" "$root/usr/sbin/"
cp packaging/systemd/ktach-*.service tests/packaging/services.service "$root/etc/systemd/system/"
for service in ktach-collector ktach-shipper; do
	cp packaging/systemd/$service.sysusers "$root/usr/lib/sysusers.d/$service.conf"
	cp packaging/systemd/$service.tmpfiles "$root/usr/lib/tmpfiles.d/$service.conf"
done
cp packaging/systemd/ktach-adopt "$root/usr/lib/ktach/"
mkdir -p "$root/tests/packaging" "$root/etc/systemd/system/multi-user.target.wants"
cp tests/tap.sh "$root/tests/"
cp tests/packaging/services.sh "$root/tests/packaging/"
ln -s ../services.service "$root/etc/systemd/system/multi-user.target.wants/"
for unit in systemd-udevd systemd-sysctl systemd-networkd systemd-resolved dbus ssh; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
done

timeout 100 systemd-nspawn -q --register=no --keep-unit --private-network --link-journal=no \
	--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN --console=pipe -D "$root" -b \
	systemd.unit=multi-user.target >"$work/console" 2>&1 </dev/null
[ -s "$root/results/tap" ] || tail -n 30 "$work/console" >&2
relay "$root/results/tap"
is "$plans $planned" "1 $points" "the container has said all that it had to say"
check "which is much: $points points" [ $points -gt 20 ]
done_testing
