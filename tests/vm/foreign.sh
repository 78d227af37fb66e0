#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: foreign.sh ARCHITECTURE
# Print, as words for a shell, what it takes to build for that architecture, as Debian
# calls it, and to boot it in a guest, if it is not this system's own:
#   GUEST_ARCH             its name
#   GUEST_ROOT             its libraries and busybox, unpacked and kept in the cache
#   ARCH, CROSS_COMPILE    for the kernel's make
# None of its programs is run here; nothing is installed. Needs no root.
set -eu
arch=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/root
packages=libc6-dev,libnl-3-dev,libnl-genl-3-dev,libisal-dev,liburing-dev,libsodium-dev,libinih-dev,libbpf-dev,libgnutls28-dev,busybox-static

die() {
	echo "foreign.sh: $1" >&2
	exit 1
}

if [ "$arch" = "$(dpkg --print-architecture)" ]; then
	echo "unset GUEST_ARCH GUEST_ROOT ARCH CROSS_COMPILE"
	exit
fi
case $arch in
arm64) kernel=arm64 triplet=aarch64-linux-gnu qemu=qemu-system-aarch64 package=qemu-system-arm ;;
*) die "nobody has tried $arch" ;;
esac
command -v $qemu >/dev/null || die "$package is not installed"
command -v $triplet-gcc >/dev/null || die "gcc-$triplet is not installed"
command -v mmdebstrap >/dev/null || die "mmdebstrap is not installed"
# shellcheck disable=SC1091
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
APT_CONFIG=$("$(dirname "$0")/matrix_apt.sh" "$suite" "$arch")
export APT_CONFIG
root=$cache/$suite-$arch-$(apt-cache show ${packages//,/ } | sha256sum | cut -c 1-12)

fetch() {
	local work
	echo "foreign.sh: unpacking libraries of $suite for $arch" >&2
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$work'" EXIT
	mkdir "$work/root"
	mmdebstrap --quiet --variant=extract --architectures="$arch" --include="$packages" \
		--dpkgopt='path-exclude=/usr/share/*' \
		"$suite" "$work/root.tar" - 2>"$work/log" <"$(dirname "$APT_CONFIG")/sources.list" ||
		die "mmdebstrap: $(grep -m 1 '^E:' "$work/log" || tail -n 1 "$work/log")"
	tar -C "$work/root" --no-same-owner --exclude='./dev/*' -xf "$work/root.tar"
	mv -T "$work/root" "$root" 2>/dev/null || [ -d "$root" ]
}

[ -d "$root" ] || fetch
echo "export GUEST_ARCH=$arch GUEST_ROOT=$root ARCH=$kernel CROSS_COMPILE=$triplet-"
