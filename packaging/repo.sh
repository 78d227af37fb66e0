#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: repo.sh FOLDER KEY
# Add the packages of build/deb/ to a signed apt repository: FOLDER/RELEASE for
# each release of Debian, with FOLDER/ktach.asc, the public half of gpg's KEY, for
# hosts to check it by. What is there already stays.
set -eu
cd "$(dirname "$0")/.."
build=${B:-build}
[ $# -eq 2 ] && [ -n "$1" ] && [ -n "$2" ] || {
	echo "usage: make repo REPO=folder SIGN=key; 'gpg --quick-gen-key NAME' makes a key" >&2
	exit 2
}
repo=$1 key=$2

die() {
	echo "repo.sh: $1" >&2
	exit 1
}

# release_file RELEASE: of the folder that this is run in.
release_file() {
	local file
	printf 'Origin: ktach\nLabel: ktach\nSuite: %s\nCodename: %s\nDate: %s\nSHA256:\n' \
		"$1" "$1" "$(LC_ALL=C date -Ru)"
	for file in Packages Packages.gz; do
		printf ' %s %s %s\n' "$(sha256sum <$file | cut -d ' ' -f 1)" "$(stat -c %s $file)" $file
	done
}

# Clients that fetch meanwhile see the old list or the new one, signed.
index() {
	local release=$1
	(
		cd "$repo/$release"
		dpkg-scanpackages --multiversion . >Packages.new 2>"$log" || die "$(tail -n 1 "$log")"
		mv Packages.new Packages
		gzip -9kfn Packages
		release_file "$release" >Release
		gpg --batch --yes --local-user "$key" --clearsign --output InRelease.new Release 2>"$log" ||
			die "gpg: $(tail -n 1 "$log")"
		gpg --batch --yes --local-user "$key" --armor --detach-sign --output Release.gpg Release
		mv InRelease.new InRelease
	)
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
compgen -G "$build/deb/*/*.deb" >/dev/null || die "no packages in $build/deb; 'make deb' builds them"
mkdir -p "$repo"
repo=$(realpath "$repo")
for folder in "$build"/deb/*/; do
	release=$(basename "$folder")
	mkdir -p "$repo/$release"
	cp "$folder"*.deb "$repo/$release/"
	index "$release"
done
gpg --batch --yes --armor --export --output "$repo/ktach.asc" "$key" 2>/dev/null
[ -s "$repo/ktach.asc" ] || die "gpg has no key '$key'"
echo "On each host, with the address by which it reaches $repo:"
echo "  curl -fsS ADDRESS/ktach.asc -o /etc/apt/keyrings/ktach.asc"
echo '  echo "deb [signed-by=/etc/apt/keyrings/ktach.asc] ADDRESS/$(. /etc/os-release; echo $VERSION_CODENAME) ./" >/etc/apt/sources.list.d/ktach.list'
echo "  apt-get update && apt-get install ktach-shipper"
