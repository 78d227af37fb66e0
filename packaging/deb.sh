#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: deb.sh [SUITE]
# Build the Debian packages into build/deb/RELEASE/, with their source: here, with
# this system's compiler and libraries, which needs no root; or in a clean Debian
# of that release, without a network, and hold them to lintian. DEBEMAIL is the
# address of who builds them; BUILD=all: only what is for all architectures.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath -m "${B:-build}")
suite=${1:-} root=
version=$(cat VERSION)
uplot=$build/web/node_modules/uplot

die() {
	echo "deb.sh: $1" >&2
	exit 1
}

# The source package: what the programs and modules are made of, and uPlot.
make_tree() {
	rm -rf "$out"
	mkdir -p "$tree/web/uplot/dist"
	cp -r --parents CHANGELOG.md Kbuild LICENSE Makefile VERSION dkms.conf agentd bpf collector deploy docs host include \
		kmod ktach lib packaging scripts shipper tables web/*.* web/.npmrc "$tree"
	cp "$uplot/LICENSE" "$uplot/package.json" "$tree/web/uplot/"
	cp "$uplot"/dist/*iife* "$uplot"/dist/*.css "$tree/web/uplot/dist/"
	cp -r packaging/debian "$tree/debian"
	# Each release has packages of its own, which those of the next replace.
	sed -i "1s/($version)/($version+deb$1)/" "$tree/debian/changelog"
	[ -z "${DEBEMAIL:-}" ] || sed -i "s/<ktach@localhost>/<$DEBEMAIL>/" "$tree/debian/control" "$tree/debian/changelog"
}

# clean_root SUITE: set root to a clean Debian with all that building needs.
clean_root() {
	local tar needed
	needed=$(sed -n '/^Build-Depends:/,/^[A-Z]/{s/^Build-Depends://;/^[A-Z]/d;s/|[^,]*//;s/([^)]*)//;s/,//;p}' packaging/debian/control |
		sed 's/debhelper-compat/debhelper/; s/dh-sequence-dkms/dh-dkms/')
	# shellcheck disable=SC2086
	tar=$(packaging/root.sh "$1" build-essential fakeroot lintian $needed)
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	tar -C "$root" -xf "$tar"
}

# in_root COMMAND: with /proc, /dev and build/ of ours, and no network.
in_root() {
	unshare --mount --pid --net --fork sh -c 'root=$1 out=$2
		mkdir -p "$root$out" && mount --bind "$out" "$root$out" && mount --rbind /dev "$root/dev" &&
		mount -t proc proc "$root/proc" && cd / &&
		exec env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" sh -c "$3"' - \
		"$root" "$out" "$1"
}

[ -d "$uplot" ] || die "$uplot is missing; 'make deb' fetches it"
if [ -n "$suite" ]; then
	[ "$(id -u)" -eq 0 ] || die "only root can make a clean Debian"
	clean_root "$suite"
	release=$(. "$root/etc/os-release" && echo "$VERSION_ID")
	out=$build/deb/$suite tree=$out/ktach-$version
	make_tree "$release"
	run=in_root
else
	. /etc/os-release
	out=$build/deb/$VERSION_CODENAME tree=$out/ktach-$version
	make_tree "$VERSION_ID"
	run="sh -c"
fi
$run "cd '$tree' && dpkg-buildpackage -us -uc --build=${BUILD:-full}" >"$out/log" 2>&1 || {
	tail -n 20 "$out/log" >&2
	die "the packages could not be built; all of it: $out/log"
}
rm -rf "$tree"
if [ -n "$root" ]; then
	# The address that stands in for who builds them is none.
	in_root "cd '$out' && lintian --allow-root --fail-on warning --info \
		--suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog *.changes" >"$out/lintian" 2>&1 || {
		cat "$out/lintian" >&2
		die "lintian complains"
	}
fi
ls "$out"/*.deb
