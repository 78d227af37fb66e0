#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dkms takes a copy of the tree through add, build, install and remove, in
# trees of its own: nothing of this host's is touched.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "dkms needs root"
command -v dkms >/dev/null || skip_all "dkms is not installed"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
kernel=$(tests/vm/kernel.sh) || skip_all "Debian's kernel cannot be had"
eval "$kernel"

version=$(cat VERSION)
modules="ktach_aggregator ktach_cpustat ktach_softirq"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$work/src/ktach-$version
installtree=$work/lib/modules
mkdir -p "$source" "$work/dkms" "$work/bin" "$installtree/$KVER"
cp -r --parents dkms.conf Kbuild kmod include/uapi "$source"

# dkms signs what it builds, and would leave a key under /var/lib/dkms.
mkdir "$work/conf"
cat >"$work/conf/framework.conf" <<END
mok_signing_key=$work/mok.key
mok_certificate=$work/mok.pub
END

# And it runs depmod on this host's /lib/modules, wherever it installs to.
printf '#!/bin/sh\nexec %s -b %s "$@"\n' "$(PATH=$PATH:/sbin:/usr/sbin command -v depmod)" \
	"$work" >"$work/bin/depmod"
chmod +x "$work/bin/depmod"
export PATH=$work/bin:$PATH
depmod "$KVER" # a kernel's own packages do this; dkms only renews it

# What dkms is known to leave behind on a host.
traces() {
	ls -l --time-style=full-iso /var/lib/dkms /lib/modules/*/modules.* 2>/dev/null
}
before=$(traces)

# The settings file has a fixed place: bind ours over it for dkms alone.
in_tree() {
	local action=$1
	shift
	unshare --mount sh -c '
		mount --bind "$1/conf/framework.conf" /etc/dkms/framework.conf || exit 1
		work=$1; shift
		exec dkms "$@" --dkmstree "$work/dkms" --sourcetree "$work/src" \
			--installtree "$work/lib/modules"' - "$work" "$action" "$@" \
		>"$work/log" 2>&1
	local status=$?
	[ $status -eq 0 ] || tail -n 10 "$work/log" | sed 's/^/# /'
	return $status
}
state() {
	in_tree status >/dev/null
	cat "$work/log"
}
installed() {
	find "$installtree" -name 'ktach_*.ko*' -printf '%f\n' | sed 's/\.ko.*//' | sort | xargs
}

in_tree add "ktach/$version"
ok $? "dkms add"
in_tree build "ktach/$version" -k "$KVER" --kernelsourcedir "$HEADERS_DIR"
ok $? "dkms build for $KVER"
in_tree install "ktach/$version" -k "$KVER" --kernelsourcedir "$HEADERS_DIR"
ok $? "dkms install"
state | grep -q "^ktach/$version, $KVER, .*: installed"
ok $? "dkms status shows it as installed"
is "$(installed)" "$modules" "the three modules are installed"
loose=$(find "$installtree" -name 'ktach_*.ko*' -exec modinfo -F vermagic {} \; |
	grep -v "^$KVER ")
is "$loose" "" "each of them is for $KVER"
grep -q '^updates/dkms/ktach_cpustat.ko.*: updates/dkms/ktach_aggregator.ko' \
	"$installtree/$KVER/modules.dep"
ok $? "modprobe finds them, the aggregator first"
in_tree remove "ktach/$version" --all
ok $? "dkms remove"
is "$(installed)$(state)" "" "nothing of it is left"
is "$(traces)" "$before" "this host has no trace of it, not even a signing key"
done_testing
