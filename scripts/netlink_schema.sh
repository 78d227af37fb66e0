#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print the path of the kernel's schema for specifications of generic netlink
# families, taken once from Debian's newest linux-source package and kept in
# the cache. Needs no root.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach
package=$(apt-cache search --names-only '^linux-source-[0-9]' | awk '{ print $1 }' | sort -V | tail -n 1)
version=$(apt-cache policy "$package" | awk '/Candidate:/ { print $2 }')
file=$cache/netlink-schema/$version.yaml
if [ ! -f "$file" ]; then
	echo "netlink_schema.sh: fetching $package $version" >&2
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get download -q "$package" >apt.log 2>&1) || {
		echo "netlink_schema.sh: apt-get download $package: $(tail -n 1 "$work/apt.log")" >&2
		exit 1
	}
	dpkg --fsys-tarfile "$work"/*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJO --wildcards 'linux-source-*/Documentation/netlink/genetlink.yaml' \
			>"$work/schema"
	mkdir -p "$cache/netlink-schema"
	mv "$work/schema" "$file"
fi
echo "$file"
