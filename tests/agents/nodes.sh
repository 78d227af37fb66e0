# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Source this after tests/agents/container.sh: nodes, each a container with ktach-agentd and
# ktach-shipper in a network of its own, and a collector in another one.
#
#   net of the collector -- veth 10.77.N.1 -- 10.77.N.2 net of node N
ns=afar$$
collector_net() { ip netns exec "$ns-c" "$@"; }

make_nets() {
	local n
	ip netns add "$ns-c" || return
	ip -n "$ns-c" link set lo up
	for n in "$@"; do
		ip netns add "$ns-$n"
		ip link add "v$n" netns "$ns-c" type veth peer name out netns "$ns-$n"
		ip -n "$ns-c" addr add "10.77.$n.1/24" dev "v$n"
		ip -n "$ns-$n" addr add "10.77.$n.2/24" dev out
		ip -n "$ns-c" link set "v$n" up
		ip -n "$ns-$n" link set out up
		ip -n "$ns-$n" link set lo up
	done
}

remove_nets() {
	local n
	for n in "$@" c; do ip netns del "$ns-$n" 2>/dev/null; done
}

# make_node N NAME SHIPPER: its root, in $work/N/root.
make_node() {
	local id state=$work/$1/root/var/lib/ktach
	container_root "$work/$1" || return
	root=$work/$1/root
	echo "$2" >"$root/etc/hostname"
	mkdir -p "$root/etc/ktach/operators.d" "$root/var/lib/ktach" "$root/etc/systemd/system/ktach-shipper.service.d"
	chmod 777 "$root/results"
	cp "$work/alice.key.pub" "$root/etc/ktach/operators.d/alice.pub"
	printf '[agentd]\nremote = operate\n' >"$root/etc/ktach/agentd.conf"
	cp "$3" "$root/usr/sbin/ktach-shipper"
	cp packaging/systemd/ktach-shipper.service "$root/etc/systemd/system/"
	# A container has no counters, nor the right to any.
	printf '[Service]\nAmbientCapabilities=\nCapabilityBoundingSet=\nBindPaths=\nDevicePolicy=auto\nExecStartPre=+/bin/chown -R ktach-shipper: /etc/ktach/node.key /var/lib/ktach\n' \
		>"$root/etc/systemd/system/ktach-shipper.service.d/container.conf"
	id=$("$B/ktach-shipper" --make-id --state "$state") || return
	"$B/ktach-collector" key --fleet "$work/keys/fleet.key" --node "$id" --out "$root/etc/ktach/node.key" 2>/dev/null
	printf '[shipper]\ncollector = 10.77.%s.1\ntransport = tcp\nkey = /etc/ktach/node.key\nno-net = yes\nstate = /var/lib/ktach\n' \
		"$1" >"$root/etc/ktach/shipper.conf"
	cp tests/agents/node.service "$root/etc/systemd/system/"
	rm -f "$root/etc/systemd/system/multi-user.target.wants/booted.service"
	ln -s ../node.service ../ktach-shipper.service "$root/etc/systemd/system/multi-user.target.wants/"
	printf 'exec = /bin/sh\nargs = -c "echo >>/results/web.starts; exec sleep infinity"\nuser = daemon\nreload = HUP\n' \
		>"$root/etc/ktach/agents.d/web.conf"
	printf 'exec = /bin/sh\nargs = -c "echo >>/results/slow.starts; trap '"'echo >>/results/slow.ends; sleep 3; exit'"' TERM; while :; do sleep 0.2; done"\nuser = daemon\nstop-time = 20s\n' \
		>"$root/etc/ktach/agents.d/slow.conf"
}

boot_node() {
	systemd-nspawn -q --register=no --keep-unit --network-namespace-path="/run/netns/$ns-$1" --link-journal=no \
		--console=pipe -D "$work/$1/root" -b systemd.unit=multi-user.target >"$work/$1/console" 2>&1 </dev/null &
	nodes="$nodes $!"
}

# starts N AGENT: so often it was.
starts() { cat "$work/$1/root/results/$2.starts" 2>/dev/null | wc -l; }
ends() { cat "$work/$1/root/results/$2.ends" 2>/dev/null | wc -l; }
# in_node N COMMAND: what it says.
in_node() {
	local results=$work/$1/root/results
	rm -f "$results/done"
	printf '%s\n' "$2" >"$results/do.new"
	mv "$results/do.new" "$results/do"
	wait_for 60 test -e "$results/done"
	cat "$results/done"
}
