#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: kernel.sh [SUITE [FLAVOUR]]
# Print where Debian's current kernel is, as shell assignments: KVER,
# KERNEL_IMAGE, MODULES_DIR (for modprobe -d) and HEADERS_DIR (for KDIR=). The
# packages are downloaded once, unpacked privately and kept in the cache;
# nothing is installed. Needs no root.
#   SUITE    of Debian, such as trixie-backports; this system's own if not given
#   FLAVOUR  what follows linux-image- in a meta package's name: rt-amd64,
#            6.12-amd64; the architecture's own if not given
set -eu
PATH=$PATH:/usr/sbin:/sbin # for kmod, which an ordinary user does not have there
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/kernel
flavour=${2:-$(dpkg --print-architecture)}

die() {
	echo "kernel.sh: $1" >&2
	exit 1
}

# shellcheck disable=SC1091
if [ "${1:-}" ] && [ "$1" != "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" ]; then
	APT_CONFIG=$("$(dirname "$0")/matrix_apt.sh" "$1")
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

fetch() {
	local work headers packages
	headers=linux-headers-$kver
	# Since 7.x an image is a shell around packages that hold its parts.
	packages="$image $(depends "$image" 'binary|modules')
		$headers $(depends "$headers" 'headers|kbuild|base')"
	echo "kernel.sh: downloading Debian's kernel $kver" >&2
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$work'" EXIT
	# shellcheck disable=SC2086
	(cd "$work" && apt-get download -q $packages >apt.log 2>&1) ||
		die "apt-get download $packages failed: $(tail -n 1 "$work/apt.log")"
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
