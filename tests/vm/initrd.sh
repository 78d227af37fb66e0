#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: initrd.sh OUT [-m MODULES_DIR KVER MODULE,...] [-k FILE.ko]... [-p PROGRAM]... [-f FILE]...
# Make an initramfs around busybox and tests/vm/init:
#   -m  Debian's modules, with what they depend on; loaded at boot, in order
#   -k  a module of ours, as /ktach/NAME.ko; loaded by whoever wants it
#   -p  a program, as /bin/NAME, with its shared libraries
#   -f  a file, as /test/NAME; /test/run is what init runs
set -eu
PATH=$PATH:/usr/sbin:/sbin # for kmod, which an ordinary user does not have there
here=$(dirname "$0")
out=$1
shift
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,proc,sys,tmp,run,etc,root,modules,ktach,test,var/lib}
# GUEST_ROOT: see foreign.sh.
cp "$(PATH=${GUEST_ROOT:+$GUEST_ROOT/bin:}$PATH && command -v busybox)" "$root/bin/busybox"
for applet in $(busybox --list); do
	ln -s busybox "$root/bin/$applet" 2>/dev/null || true # itself
done
cp "$here/init" "$root/init"
: >"$root/modules/order"

# Debian's modules may be compressed; insmod here takes plain ones.
debian_modules() {
	local dir=$1 kver=$2 module file name
	for module in ${3//,/ }; do
		modprobe -d "$dir" -S "$kver" --show-depends "$module" 2>/dev/null ||
			echo "initrd.sh: no module $module in $kver" >&2
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		name=$(basename "$file")
		case $name in
		*.xz) name=${name%.xz}; xz -dc "$file" >"$root/modules/$name" ;;
		*) cp "$file" "$root/modules/$name" ;;
		esac
		echo "$name" >>"$root/modules/order"
	done
}

# foreign_libraries FILE: of a program of another architecture, what ldd says of one's own.
foreign_libraries() {
	local name path
	readelf -Wl "$1" 2>/dev/null | sed -n 's/.*interpreter: \(.*\)\]/\1/p'
	readelf -Wd "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r name; do
		path=$(cd "$GUEST_ROOT" && find lib/*-linux-gnu usr/lib/*-linux-gnu -maxdepth 1 -name "$name" | head -n 1)
		[ -z "$path" ] || echo "/$path"
		[ -z "$path" ] || foreign_libraries "$GUEST_ROOT/$path"
	done
}

libraries() {
	if [ "${GUEST_ROOT:-}" ]; then
		foreign_libraries "$1" | sort -u
	else
		ldd "$1" 2>/dev/null | grep -o '/[^ ]*'
	fi
}

program() {
	local library
	cp -L --remove-destination "$1" "$root/bin/" # not through busybox's link
	libraries "$1" | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp -nL "${GUEST_ROOT:-}$library" "$root$library"
	done
}

while [ $# -gt 0 ]; do
	case $1 in
	-m) debian_modules "$2" "$3" "$4"; shift 4 ;;
	-k) cp "$2" "$root/ktach/"; shift 2 ;;
	-p) program "$2"; shift 2 ;;
	-f) cp "$2" "$root/test/"; shift 2 ;;
	*) echo "initrd.sh: $1: unknown" >&2; exit 2 ;;
	esac
done
chmod -R go+rX "$root"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out"
