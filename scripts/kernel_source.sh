#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print the folder of Debian's kernel source, unpacked once from the package
# that linux-source depends on and kept in the cache. Build it elsewhere (O=):
# it stays clean. Needs no root.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/source
package=$(apt-cache depends linux-source 2>/dev/null |
	awk '/Depends: linux-source-/ { print $2; exit }')
if [ -z "$package" ]; then
	echo "kernel_source.sh: apt knows no linux-source; run apt-get update" >&2
	exit 1
fi
version=$(apt-cache policy "$package" | awk '/Candidate:/ { print $2 }')
dir=$cache/$version
if [ ! -d "$dir" ]; then
	echo "kernel_source.sh: fetching $package $version" >&2
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get download -q "$package" >apt.log 2>&1) || {
		echo "kernel_source.sh: apt-get download $package: $(tail -n 1 "$work/apt.log")" >&2
		exit 1
	}
	mkdir "$work/tree"
	dpkg --fsys-tarfile "$work"/*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$work/tree" --strip-components=1
	mv -T "$work/tree" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
echo "$dir"
