#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print the path of the kernel's checkpatch.pl, taken once from Debian's
# linux-source package and kept in the cache.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach
package=$(apt-cache depends linux-source | awk '/Depends: linux-source-/ { print $2; exit }')
version=$(apt-cache policy "$package" | awk '/Candidate:/ { print $2 }')
dir=$cache/checkpatch/$version
if [ ! -f "$dir/checkpatch.pl" ]; then
	echo "checkpatch: fetching $package $version" >&2
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get download -q "$package" >/dev/null 2>&1)
	mkdir "$work/dir"
	dpkg --fsys-tarfile "$work"/*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$work/dir" --strip-components=2 --wildcards \
			'linux-source-*/scripts/checkpatch.pl' \
			'linux-source-*/scripts/spelling.txt' \
			'linux-source-*/scripts/const_structs.checkpatch'
	mkdir -p "$cache/checkpatch"
	mv -T "$work/dir" "$dir"
fi
echo "$dir/checkpatch.pl"
