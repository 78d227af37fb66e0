#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: root.sh [-f PACKAGE,...] SUITE PACKAGE...
# Print a tar file of a clean Debian with these packages, from wherever this host
# has its own; with -f one in which apt can install others without a network, as
# they and what they depend on and recommend have been fetched. It is made once for a list of
# packages, and stays in the cache. Needs root and mmdebstrap.
set -eu
fetch=
while getopts f: option; do
	case $option in
	f) fetch=${OPTARG//,/ } ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
suite=$1
shift
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/root
work=

die() {
	echo "root.sh: $1" >&2
	exit 1
}

# make_root TAR PACKAGES: what this system's apt is told of proxies holds there, too.
make_root() {
	local more=()
	echo "root.sh: making a clean $suite" >&2
	work=$(mktemp -d "$cache/.new.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	apt-config dump | grep -E '^Acquire::(Check-|https?::|Retries).* ".' >"$work/acquire.conf" || true
	[ -z "$fetch" ] || more=(--skip=cleanup/apt
		--customize-hook="chroot \"\$1\" env -u APT_CONFIG apt-get -q -y -o APT::Install-Recommends=true --download-only install $fetch")
	mmdebstrap --quiet --mode=root --variant=apt --include="$2" --aptopt="$work/acquire.conf" \
		--dpkgopt=force-unsafe-io "${more[@]}" \
		"$suite" "$work/root.tar" - <"$(dirname "$APT_CONFIG")/sources.list" >"$work/log" 2>&1 ||
		die "mmdebstrap: $(grep -m 1 '^E:' "$work/log" || tail -n 1 "$work/log")"
	mv "$work/root.tar" "$1"
}

[ "$(id -u)" -eq 0 ] || die "only root can make a clean Debian"
command -v mmdebstrap >/dev/null || die "mmdebstrap is not installed"
APT_CONFIG=$(tests/vm/matrix_apt.sh "$suite")
export APT_CONFIG
packages=$(printf '%s\n' "$@" | sort -u | paste -sd ,)
tar=$cache/$suite-$(printf '%s' "$packages${fetch:+ and recommended $fetch}" | sha256sum | head -c 16).tar
mkdir -p "$cache"
exec 9>"$tar.lock"
flock 9
[ -f "$tar" ] || make_root "$tar" "$packages"
echo "$tar"
