#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: image.sh shipper|collector
# Make an OCI image of a program that is built, in build/image/ktach-NAME.tar, without a
# daemon: the program, the libraries that it needs, of this Debian, and nothing else: no
# shell, no package manager. umoci is Debian's, unpacked in the cache, not installed.
set -eu
cd "$(dirname "$0")/.."
name=$1
build=${B:-build}
version=$(cat VERSION)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/umoci
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root layout=$work/layout

die() {
	echo "image.sh: $1" >&2
	exit 1
}

fetch_umoci() {
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9
	[ -x "$cache/usr/bin/umoci" ] || (cd "$cache" && apt-get download -q umoci && dpkg -x umoci_*.deb . &&
		rm umoci_*.deb) >"$cache/log" 2>&1 || die "the package umoci cannot be had: $(tail -n 1 "$cache/log")"
}
umoci() { "$cache/usr/bin/umoci" "$@"; }

# into_root FILE: to the same place, where a link leads.
into_root() {
	install -D -m "$(stat -L -c %a "$1")" "$1" "$root$1"
}
# Libraries, and what loads them: "NAME => PATH (ADDRESS)", or "PATH (ADDRESS)".
libraries() { ldd "$1" | sed -nE 's#^\t(.* => )?(/[^ ]*) \(.*#\2#p'; }

fill_root() {
	local program=$build/ktach-$name file
	[ -x "$program" ] || die "$program is not built"
	install -D -m 755 "$program" "$root/usr/sbin/ktach-$name"
	strip "$root/usr/sbin/ktach-$name"
	for file in $(libraries "$program"); do into_root "$file"; done
	[ "$name" = shipper ] || into_root /etc/ssl/certs/ca-certificates.crt
	mkdir -p "$root/etc/ktach" "$root/var/lib/ktach" "$root/proc" "$root/sys" "$root/dev"
	echo 'root:x:0:0::/:/' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	cp LICENSE "$root/etc/ktach/"
	find "$root" -exec touch -h -d @0 {} +
}

make_image() {
	umoci init --layout "$layout"
	umoci new --image "$layout:$version"
	umoci insert --image "$layout:$version" "$root" /
	umoci config --image "$layout:$version" --config.entrypoint "/usr/sbin/ktach-$name" --config.workingdir / \
		--author "ktach authors" --config.label "org.opencontainers.image.title=ktach-$name" \
		--config.label "org.opencontainers.image.version=$version" \
		--config.label "org.opencontainers.image.licenses=GPL-2.0-or-later" "$@"
	umoci gc --layout "$layout"
	# What podman calls it when it is loaded; umoci's own names have no place for that.
	sed -i "s|\"org.opencontainers.image.ref.name\":\"$version\"|\"org.opencontainers.image.ref.name\":\"localhost/ktach-$name:$version\"|" "$layout/index.json"
	grep -q "localhost/ktach-$name:$version" "$layout/index.json"
	tar -C "$layout" -cf "$build/image/ktach-$name.tar" .
}

[ "$(id -u)" -eq 0 ] || die "only root can make files that are root's in the image"
fetch_umoci
mkdir -p "$root" "$build/image"
fill_root
case $name in
shipper) make_image ;;
collector) make_image --config.exposedports 4766/udp --config.exposedports 4766/tcp --config.exposedports 8766/tcp \
	--config.volume /var/lib/ktach/collector ;;
*) die "expected shipper or collector" ;;
esac >"$work/log" 2>&1 || die "umoci: $(tail -n 1 "$work/log")"
echo "$build/image/ktach-$name.tar: $(du -sb "$root" | cut -f 1) bytes, $(stat -c %s "$build/image/ktach-$name.tar") packed"
