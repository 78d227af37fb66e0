# SPDX-License-Identifier: GPL-2.0-or-later
# Source this after tests/tap.sh: sets suite, headers, kver and tar, a clean Debian
# with systemd, DKMS and a kernel's headers, from wherever this host has its
# packages. It is made once, and stays in the cache.
[ "$(id -u)" -eq 0 ] || skip_all "only root can make a chroot"
for tool in mmdebstrap qemu-system-x86_64; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
. /etc/os-release
suite=$VERSION_CODENAME
headers=$(apt-cache depends linux-headers-amd64 | awk '/Depends: linux-headers-/ { print $2; exit }')
kver=${headers#linux-headers-}
chroots=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/chroot
tar=$chroots/$suite-$kver-systemd.tar

# mirror OPTION...: of this host's sources of Debian, the first; -e: of security updates, -v: of others.
mirror() {
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep debian | sort -u | grep "$@" security | head -1
}

make_chroot() {
	local log
	echo "chroot.sh: making a clean $suite with $headers" >&2
	log=$(mktemp)
	mmdebstrap --mode=root --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
		--include="dkms,$headers,systemd-sysv,udev" "$suite" "$chroots/.new.tar" \
		"deb $(mirror -v) $suite main" "deb $(mirror -e) $suite-security main" >"$log" 2>&1 || {
		tail -n 3 "$log" >&2
		rm -f "$log"
		skip_all "no chroot of $suite can be made"
	}
	rm -f "$log"
	mv "$chroots/.new.tar" "$tar"
}

# Two tests may want it at once.
mkdir -p "$chroots"
exec {lock}>"$chroots/lock"
flock "$lock"
[ -f "$tar" ] || make_chroot
exec {lock}>&-
