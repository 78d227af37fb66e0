#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: matrix_apt.sh SUITE [ARCHITECTURE]
# Print an apt configuration for another suite of Debian, or another architecture than
# this system's, for APT_CONFIG: its own lists and sources, from the mirrors that this system's own sources name,
# which stay as they are. The lists are renewed once a day. Needs no root.
set -eu
suite=$1 native=$(dpkg --print-architecture)
arch=${2:-$native}
dir=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/apt/$suite
[ "$arch" = "$native" ] || dir=$dir-$arch
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
	echo "matrix_apt.sh: $1" >&2
	exit 1
}

# uri LABEL: where this system has Debian or Debian-Security from.
uri() {
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' \
		'Created-By: Packages' | awk -F '|' -v label="$1" \
		'$1 == "Debian" && $2 == label { print $3; exit }'
}

sources() {
	local base=${suite%-backports} options="signed-by=$keyring"
	echo "deb [$options] $main $suite main"
	[ "$base" = "$suite" ] || echo "deb [$options] $main $base main"
	# The next release has no security updates of its own yet.
	[ -z "$security" ] || [ "$base" = sid ] ||
		echo "deb [$options] $security $base-security main"
}

configuration() {
	cat <<-END
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::State "$dir/state";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir/cache";
		$([ "$suite" = "${suite%-backports}" ] || echo "APT::Default-Release \"$suite\";")
		APT::Architecture "$arch";
		APT::Architectures "$arch";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
}

# Two may ask at once; the second finds what the first has fetched.
mkdir -p "$dir"/{state/lists/partial,cache/archives/partial}
exec 9>"$dir/lock"
flock 9
main=$(uri Debian) security=$(uri Debian-Security)
[ -n "$main" ] || die "apt knows no Debian mirror; run apt-get update"
[ -e "$keyring" ] || die "$keyring is missing; install debian-archive-keyring"
sources >"$dir/sources.list.new"
configuration >"$dir/apt.conf"
cmp -s "$dir/sources.list.new" "$dir/sources.list" || rm -f "$dir/updated"
mv "$dir/sources.list.new" "$dir/sources.list"
if [ -z "$(find "$dir" -maxdepth 1 -name updated -mtime -1)" ]; then
	echo "matrix_apt.sh: fetching the package lists of $suite" >&2
	if APT_CONFIG=$dir/apt.conf apt-get -q update \
		-o APT::Update::Error-Mode=any >"$dir/log" 2>&1; then
		touch "$dir/updated"
	else
		why="$suite: $(grep -m 1 '^[EW]:' "$dir/log" || tail -n 1 "$dir/log")"
		# Without a network, yesterday's lists are better than none.
		[ -e "$dir/updated" ] || die "$why"
		echo "matrix_apt.sh: $why; going on with the lists of before" >&2
	fi
fi
echo "$dir/apt.conf"
