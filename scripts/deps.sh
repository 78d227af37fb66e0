#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: deps.sh demo|demo-vm|deb|check|full
# Install the Debian packages that are missing for a job, and say which. Does
# nothing, quickly, when all are there.
set -eu

build='gcc libc6-dev pkg-config clang llvm bpftool libbpf-dev libelf-dev
zlib1g-dev liburing-dev libnl-3-dev libnl-genl-3-dev libisal-dev libsodium-dev
libinih-dev libncurses-dev libsystemd-dev
libmicrohttpd-dev libwslay-dev libgnutls28-dev libcurl4-gnutls-dev libsqlite3-dev libhiredis-dev libzstd-dev libjansson-dev
libpcre2-dev libprotobuf-c-dev protobuf-c-compiler libsnappy-dev ca-certificates'
demo='curl jq iproute2 procps'
vm='qemu-system-x86 busybox-static cpio kmod xz-utils libc6-dev'
check='libcmocka-dev libclang-rt-dev sqlite3 redis-tools iperf3 ethtool chromium sparse clang-format
dkms kmod pahole perl patch python3 python3-yaml python3-jsonschema git shellcheck
tmux sysstat stress-ng fio strace lm-sensors systemd-container'
deb='debhelper dh-dkms dpkg-dev gpg mmdebstrap debian-archive-keyring'
full='valgrind linux-perf htop iftop flex bison bc qemu-system-arm gcc-aarch64-linux-gnu'

arch=$(dpkg --print-architecture)
case $1 in
demo) want="$build $demo" ;;
demo-vm) want="$build $demo $vm linux-headers-$arch" ;;
deb) want="$build $deb" ;;
check) want="$build $demo $vm $check linux-headers-$arch" ;;
full) want="$build $demo $vm $check $deb $full linux-headers-$arch" ;;
*) echo "usage: deps.sh demo|demo-vm|deb|check|full" >&2; exit 2 ;;
esac

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for package in $want; do
	installed "$package" || missing="$missing $package"
done
# Node.js may have come from elsewhere, with npm in it.
command -v npm >/dev/null || missing="$missing nodejs npm"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	as_root=sudo
else
	echo "ktach: these packages are missing, and installing them needs root:" >&2
	echo "  apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

echo "ktach: installing from Debian:$missing"
export DEBIAN_FRONTEND=noninteractive
# Lists that are there may be old; they are renewed only when they don't do.
# shellcheck disable=SC2086
install() {
	$as_root apt-get install -y -q --no-install-recommends $missing
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install >"$log" 2>&1; then
	echo "ktach: renewing the package lists"
	$as_root apt-get update -q >"$log" 2>&1 || { tail -n 5 "$log" >&2; exit 1; }
	install >"$log" 2>&1 || {
		tail -n 15 "$log" >&2
		echo "ktach: apt-get install failed, see above" >&2
		exit 1
	}
fi
echo "ktach: installed"
