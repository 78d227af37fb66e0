#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dkms takes the tree, as README packs it, through add, build, install, with LONG=1
# the upgrade to another kernel, and remove. It sees folders of ours in place of
# /lib/modules, /usr/src and /var/lib/dkms: nothing of this host's is touched.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "dkms needs root"
command -v dkms >/dev/null || skip_all "dkms is not installed"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"

version=$(cat VERSION)
modules="ktach_aggregator ktach_cpustat ktach_softirq"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/ktach-$version" "$work/dkms" "$work/modules"
cp -r --parents dkms.conf Kbuild kmod include/uapi "$work/src/ktach-$version"

# a_kernel KERNEL.SH'S ARGUMENT...: install it, as its packages would; set KVER.
a_kernel() {
	local kernel
	kernel=$(tests/vm/kernel.sh "$@") || return 1
	eval "$kernel"
	mkdir "$work/modules/$KVER"
	ln -s "$HEADERS_DIR" "$work/modules/$KVER/build"
	cp "$MODULES_DIR/lib/modules/$KVER"/modules.{order,builtin,builtin.modinfo} \
		"$work/modules/$KVER/" 2>/dev/null
	in_tree depmod "$KVER"
}

# What dkms is known to leave behind on a host.
traces() {
	ls -l --time-style=full-iso /var/lib/dkms /lib/modules/*/modules.* 2>/dev/null
}
before=$(traces)

in_tree() {
	unshare --mount sh -c '
		mount --bind "$1/modules" /lib/modules &&
		mount --bind "$1/src" /usr/src &&
		mount --bind "$1/dkms" /var/lib/dkms || exit 1
		shift; exec "$@"' - "$work" "$@" >"$work/log" 2>&1
	local status=$?
	[ $status -eq 0 ] || tail -n 10 "$work/log" | sed 's/^/# /'
	return $status
}
state() {
	in_tree dkms status >/dev/null
	cat "$work/log"
}

# check_installed KVER
check_installed() {
	local found
	check "dkms status shows it as installed for $1" told "^ktach/$version, ${1//+/\\+}, .*: installed" state
	found=$(find "$work/modules/$1" -name 'ktach_*.ko*' -printf '%f\n' | sed 's/\.ko.*//' | sort | xargs)
	is "$found" "$modules" "the three modules are installed"
	found=$(find "$work/modules/$1" -name 'ktach_*.ko*' -exec modinfo -F vermagic {} \; |
		grep -v "^$1 ")
	is "$found" "" "each of them is for $1"
	check "modprobe finds them, the aggregator first" \
		grep -q '^updates/dkms/ktach_cpustat.ko.*: updates/dkms/ktach_aggregator.ko' \
		"$work/modules/$1/modules.dep"
}

# refused WHAT KERNEL ARCH: whatever its headers may be.
refused() {
	in_tree dkms build "ktach/$version" -k "$2" -a "$3" --kernelsourcedir "$HEADERS_DIR"
	check "dkms builds nothing for $1, and says why" grep -q "BUILD_EXCLUSIVE" "$work/log"
	check "nothing of it is there" test ! -e "$work/dkms/ktach/$version/$2/$3"
}

a_kernel || skip_all "Debian's kernel cannot be had"
old=$KVER
check "dkms add" in_tree dkms add "ktach/$version"
check "dkms build for $old" in_tree dkms build "ktach/$version" -k "$old"
check "dkms install" in_tree dkms install "ktach/$version" -k "$old"
check_installed "$old"
refused "a kernel that is too old" 5.10.0-1-amd64 x86_64
refused "6.0, which is, too" 6.0.0-6-amd64 x86_64
refused "32-bit machines" "$old" armv7l
check "those that were built are still there" test -e "$work/dkms/ktach/$version/$old/x86_64"

# What a kernel's packages call at the end of their installation.
if [ -z "${LONG:-}" ]; then
	skip "the upgrade to another kernel" "LONG=1 goes through it"
elif a_kernel "" 6.12-amd64 || a_kernel trixie-backports; then
	check "the upgrade to $KVER builds and installs" in_tree dkms autoinstall -k "$KVER"
	check_installed "$KVER"
	check_installed "$old"
else
	skip "the upgrade to another kernel" "it cannot be had"
fi

check "dkms remove" in_tree dkms remove "ktach/$version" --all
is "$(find "$work/modules" -name 'ktach_*')" "" "no module is left"
check "dkms knows it no more" test -z "$(state)"
check "nothing is left on this host: no key, no other index of modules" test "$before" = "$(traces)"
done_testing
