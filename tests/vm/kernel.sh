#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: kernel.sh [SUITE [FLAVOUR]]
# Print where Debian's current kernel is, as shell assignments: KVER,
# KERNEL_IMAGE, MODULES_DIR (for modprobe -d) and HEADERS_DIR (for KDIR=); with what
# foreign.sh says of its architecture. The
# packages are downloaded once, unpacked privately and kept in the cache;
# nothing is installed. Needs no root.
#   SUITE    of Debian, such as trixie-backports; this system's own if not given
#   FLAVOUR  what follows linux-image- in a meta package's name: rt-amd64,
#            6.12-amd64; the architecture's own if not given. What it ends with is
#            the architecture, which may be another one than this system's
set -eu
PATH=$PATH:/usr/sbin:/sbin # for kmod, which an ordinary user does not have there
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/kernel
native=$(dpkg --print-architecture)
flavour=${2:-$native}
arch=${flavour##*-}

die() {
	echo "kernel.sh: $1" >&2
	exit 1
}

# shellcheck disable=SC1091
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
suite=${1:-$own} here=$(cd "$(dirname "$0")" && pwd)
if [ "$arch" != "$native" ] || [ "$suite" != "$own" ]; then
	APT_CONFIG=$("$here/matrix_apt.sh" "$suite" "$arch")
	export APT_CONFIG
fi
image=$(apt-cache depends "linux-image-$flavour" 2>/dev/null |
	awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
[ -n "$image" ] || die "apt knows no linux-image-$flavour${1:+ in $1}; run apt-get update"
kver=${image#linux-image-}
version=$(apt-cache show "$image" | awk '/^Version:/ { print $2; exit }')
dir=$cache/$kver-$version

# depends PACKAGE PATTERN: its dependencies of that name.
depends() {
	apt-cache depends "$1" | awk -v p="^linux-($2)-[0-9]" '$1 == "Depends:" && $2 ~ p { print $2 }'
}

# The headers' Makefile names the common headers by an absolute path.
relocate() {
	sed -i -E "s#(include|KBUILD_OUTPUT=) ?/usr/src#\1 $2/usr/src#; s#KBUILD_OUTPUT= #KBUILD_OUTPUT=#" \
		"$1/usr/src/linux-headers-$kver/Makefile"
}

# kbuild's programs run here: of another architecture's kernel they are this system's, of
# the same version and at the place that the headers look at.
fetch_tools() {
	local package config
	package=$(depends "$2" kbuild)
	config=$("$here/matrix_apt.sh" "$suite" "$native")
	(cd "$1" && APT_CONFIG=$config apt-get download -q "$package" >apt.log 2>&1) ||
		die "apt-get download $package failed: $(tail -n 1 "$1/apt.log")"
}

fetch() {
	local work headers packages parts='headers|kbuild|base'
	headers=linux-headers-$kver
	[ "$arch" = "$native" ] || parts='headers|base'
	# Since 7.x an image is a shell around packages that hold its parts.
	packages="$image $(depends "$image" 'binary|modules')
		$headers $(depends "$headers" "$parts")"
	echo "kernel.sh: downloading Debian's kernel $kver" >&2
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$work'" EXIT
	# shellcheck disable=SC2086
	(cd "$work" && apt-get download -q $packages >apt.log 2>&1) ||
		die "apt-get download $packages failed: $(tail -n 1 "$work/apt.log")"
	[ "$arch" = "$native" ] || fetch_tools "$work" "$headers"
	for deb in "$work"/*.deb; do
		dpkg -x "$deb" "$work/root"
		rm "$deb"
	done
	# Since Debian 13 the packages themselves name /usr/lib.
	[ -e "$work/root/lib" ] || ln -s usr/lib "$work/root/lib"
	relocate "$work/root" "$dir"
	depmod -b "$work/root" "$kver"
	mv -T "$work/root" "$dir" 2>/dev/null || [ -d "$dir" ]
}

[ -d "$dir" ] || fetch
echo "KVER=$kver"
vmlinuz=$dir/boot/vmlinuz-$kver
[ -e "$vmlinuz" ] || vmlinuz=$dir/lib/modules/$kver/vmlinuz # since 7.x
echo "KERNEL_IMAGE=$vmlinuz"
echo "MODULES_DIR=$dir"
echo "HEADERS_DIR=$dir/usr/src/linux-headers-$kver"
"$here/foreign.sh" "$arch"
