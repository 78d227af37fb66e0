# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # for those who source it
# Sourced: Debian's agents, unpacked into the cache, not installed. Sets $root, the
# folder that they are below, and $libs, where their libraries are.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/agents

fetch() {
	[ -d "$cache/root" ] && return
	mkdir -p "$cache" && cd "$cache" || return
	apt-get download -q collectd-core ganglia-monitor prometheus-node-exporter \
		libganglia1 libapr1 libconfuse2 libltdl7 libpcre3 libtirpc3 hsflowd >/dev/null 2>&1 ||
		apt-get download -q collectd-core ganglia-monitor prometheus-node-exporter \
			libganglia1 libapr1 libconfuse2 libltdl7 libpcre3 libtirpc3 >/dev/null 2>&1
	for deb in *.deb; do dpkg -x "$deb" root.new; done
	mv root.new root
	cd - >/dev/null || exit
}
fetch
root=$cache/root
libs=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu:$root/usr/lib
