#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: matrix_root.sh SUITE COMPILER
# Print a folder that holds a Debian suite's make, compiler and pahole, to build
# modules in by way of matrix_in.sh: a kernel's own tools want its suite's C
# library. Made once for a version of the compiler, in the cache.
set -eu
suite=${1%-backports} compiler=$2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/root

die() {
	echo "matrix_root.sh: $1" >&2
	exit 1
}

command -v mmdebstrap >/dev/null || die "mmdebstrap is not installed"
APT_CONFIG=$("$(dirname "$0")/matrix_apt.sh" "$suite")
export APT_CONFIG
version=$(apt-cache show "$compiler" 2>/dev/null | awk '/^Version:/ { print $2; exit }')
[ -n "$version" ] || die "$suite has no $compiler"
packages=make,$compiler,pahole
root=$cache/$suite-$packages-$version

# As a tar file, so that an ordinary user owns, and can remove, what is in it.
fetch() {
	local work
	echo "matrix_root.sh: installing $compiler of $suite" >&2
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$work'" EXIT
	mkdir "$work/root"
	# What this system's apt is told of proxies and of dates holds there, too.
	apt-config dump | grep -E '^Acquire::(Check-|https?::|Retries).* ".' >"$work/acquire.conf" || true
	mmdebstrap --quiet --variant=apt --include="$packages" \
		--aptopt="$work/acquire.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$suite" "$work/root.tar" - 2>"$work/log" \
		<"$(dirname "$APT_CONFIG")/sources.list" ||
		die "mmdebstrap: $(grep -m 1 '^E:' "$work/log" || tail -n 1 "$work/log")"
	tar -C "$work/root" --no-same-owner --exclude='./dev/*' -xf "$work/root.tar"
	mv -T "$work/root" "$root" 2>/dev/null || [ -d "$root" ]
}

[ -d "$root" ] || fetch
echo "$root"
