#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: send.sh, or make bench-send
# Whether zero-copy and registered buffers would pay for the shipper's sends. As
# root: in a network namespace of its own, through a veth as far as its other end.
[ "$(id -u)" = 0 ] || {
	echo "# needs root"
	exit 0
}
export program=${B:-build}/bench/send
exec unshare -n bash -c '
	ip link add near type veth peer name far && ip link set near mtu 16100 up && ip link set far mtu 16100 up &&
		ip addr add 192.0.2.1/24 dev near && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev near &&
		exec "$program" 192.0.2.2'
