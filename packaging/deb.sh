#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build the Debian package ktach-dkms into build/deb/. Needs debhelper, dh-dkms
# and dpkg-dev, and no root.
set -eu
cd "$(dirname "$0")/.."
out=$(realpath -m "${B:-build}")/deb
version=$(cat VERSION)
tree=$out/ktach-$version
rm -rf "$out"
mkdir -p "$tree"
cp -r --parents Kbuild dkms.conf VERSION LICENSE kmod include packaging "$tree"
cp -r packaging/debian "$tree/debian"
(cd "$tree" && dpkg-buildpackage -us -uc -b -d >"$out/log" 2>&1) || {
	tail -n 20 "$out/log" >&2
	exit 1
}
ls "$out"/*.deb
