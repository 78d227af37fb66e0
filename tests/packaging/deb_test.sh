#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The package ktach-dkms in a clean Debian: installed, booted, upgraded and
# purged, with a kernel's headers there, so that DKMS builds the modules.
# Time limit: 1200 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
. tests/packaging/chroot.sh
for tool in dpkg-buildpackage dh_dkms; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
tar -xf "$tar" -C "$work/root"
echo force-unsafe-io >"$work/root/etc/dpkg/dpkg.cfg.d/unsafe-io"

# inside COMMAND: in the chroot, with /proc and /dev of its own.
inside() {
	unshare --mount --pid --fork sh -c 'root=$1; shift
		mount --bind "$root" "$root" && mount --rbind /dev "$root/dev" &&
		mount -t proc proc "$root/proc" && exec env -u TMPDIR chroot "$root" sh -c "$*"' - "$work/root" "$@" \
		>"$work/log" 2>&1
	local status=$?
	[ $status -eq 0 ] || tail -n 10 "$work/log" | sed 's/^/# /'
	return $status
}
modules() {
	find "$work/root/lib/modules/$kver/" -name 'ktach_*.ko*' -printf '%f\n' | sed 's/\.ko.*//' | sort | xargs
}

# package TREE DEB: of what is in that folder, by its own script.
package() {
	mkdir -p "$work/built/web"
	[ -e "$work/built/web/node_modules" ] || cp -rL "$B/web/node_modules" "$work/built/web/"
	(cd "$1" && B=$work/built BUILD=all packaging/deb.sh) >/dev/null &&
		cp "$work/built/deb"/*/ktach-dkms_*_all.deb "$work/root/$2"
}
check "the package builds" package . first.deb
version=$(cat VERSION)
check "it installs" inside dpkg -i /first.deb
is "$(modules)" "ktach_aggregator ktach_cpustat ktach_softirq" "DKMS built the three modules for $kver"
check "the group ktach is there" grep -q '^ktach:' "$work/root/etc/group"
is "$(grep -v '^#' "$work/root/usr/lib/modules-load.d/ktach.conf" | xargs)" \
	"ktach_cpustat ktach_softirq" "the sources are loaded at boot"
check "udev gives the devices to the group" \
	grep -rqs 'GROUP="ktach"' "$work/root/lib/udev/rules.d/" "$work/root/usr/lib/udev/rules.d/"

# What it is like after a boot: systemd and udev do what the package tells them.
if eval "$(tests/vm/kernel.sh)" && [ "$KVER" = "$kver" ]; then
	tests/vm/initrd.sh "$work/initrd" -m "$MODULES_DIR" "$KVER" virtio_pci,9pnet_virtio,9p \
		-p "$B/tests/vm/vmexit" -f tests/packaging/init
	cp tests/packaging/booted.sh "$B/tests/vm/vmexit" "$work/root/"
	cp tests/packaging/booted.service "$work/root/etc/systemd/system/"
	ln -sf ../booted.service "$work/root/etc/systemd/system/multi-user.target.wants/"
	tests/vm/run.sh -c 2 -t 240 -r "$work/root" "$KERNEL_IMAGE" "$work/initrd" | tr -d '\r' >"$work/console"
	is "${PIPESTATUS[0]}" 0 "a guest boots it with systemd"
	sed -n 's/^booted: /# /p' "$work/console"
	is "$(sed -n 's/^booted: module //p' "$work/console" | sort | xargs)" \
		"ktach_aggregator ktach_cpustat ktach_softirq" "the modules are loaded at boot"
	is "$(sed -n 's/^booted: device //p' "$work/console" | sort | xargs)" \
		"/dev/cpu_softirq_monitor ktach 440 /dev/cpu_stat_monitor ktach 440" \
		"the devices are the group's to read"
	check "a member of the group reads a ring" test "$(sed -n 's/^booted: member //p' "$work/console")" -ge 192
	is "$(sed -n 's/^booted: other //p' "$work/console")" 0 "nobody else does"
else
	skip "the package after a boot" "there is no image of $kver"
fi

# A later version, as an upgrade finds it.
mkdir "$work/later"
tar -c --exclude=./build --exclude=./tests --exclude=node_modules --exclude=.git . | tar -x -C "$work/later"
echo "$version.1" >"$work/later/VERSION"
sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version.1\"/" "$work/later/dkms.conf"
sed -i "1s/($version)/($version.1)/" "$work/later/packaging/debian/changelog"
check "so does a later one" package "$work/later" second.deb
check "it upgrades" inside dpkg -i /second.deb
inside dkms status
is "$(grep -c "ktach.*installed" "$work/log") $(grep -c "$version.1.*installed" "$work/log")" "1 1" \
	"only the new version is built and installed"
is "$(modules)" "ktach_aggregator ktach_cpustat ktach_softirq" "its modules are there"
check "it purges" inside dpkg --purge ktach-dkms
is "$(modules)$(ls -d "$work"/root/usr/src/ktach-* "$work"/root/var/lib/dkms/ktach 2>/dev/null)" "" \
	"nothing of it is left"
done_testing
