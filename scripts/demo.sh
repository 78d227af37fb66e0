#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: demo.sh [--vm]
# Start a collector and a shipper on the loopback interface (the shipper in a
# guest that has the modules, with --vm), print the page's address and a line
# of live figures a second. Ctrl-C takes everything down. All files are in one
# folder under /tmp, which goes, too.
set -u
B=${B:-build}
vm=${1:-}
run=$(mktemp -d -t ktach-demo.XXXXXX)
pins=/sys/fs/bpf/ktach-demo-$$
pids=()

# Ends what was started, last first, and waits for it.
down() {
	local i
	trap '' INT TERM HUP PIPE
	echo
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null
		wait "${pids[i]}" 2>/dev/null
	done
	[ ! -d "$pins" ] || "$B/ktach-shipper" --pins "$pins" --detach
	rm -rf "$run"
	echo "demo: everything is down again"
	exit "${1:-0}"
}

fail() {
	echo "demo: $1" >&2
	sed 's/^/  /' "$run"/*.log >&2
	down 1
}

# free_port PROTO FIRST: the first port from FIRST on that nobody listens on.
free_port() {
	local port=$2
	while ss -Hln "--$1" "sport = :$port" | grep -q .; do
		port=$((port + 1))
	done
	echo "$port"
}

# Programs don't get the terminal's Ctrl-C: the demo ends them in order.
start() {
	local log=$1
	shift
	setsid "$@" >"$run/$log.log" 2>&1 &
	pids+=($!)
}

# PIPE: the output may go to a program that Ctrl-C ends first.
trap down INT TERM HUP PIPE
http=127.0.0.1:$(free_port tcp 8766)
feed=$(free_port udp 4766)
start collector "$B/ktach-collector" --listen "127.0.0.1:$feed" --http "$http" --data "$run/data"
for _ in $(seq 50); do
	curl -fs "http://$http/api/v1/nodes" >/dev/null && break
	kill -0 "${pids[0]}" 2>/dev/null || fail "the collector did not start:"
	sleep 0.1
done
if [ "$vm" = --vm ]; then
	name=ktach-guest
	echo "demo: booting Debian's kernel in a guest; first figures in half a minute"
	start guest tests/vm/shipper.sh "$feed" "$name"
else
	name=$(hostname)
	start shipper "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$run/state" --pins "$pins"
fi
echo "demo: the page is at http://$http/    (Ctrl-C ends everything)"

# A line of figures; nothing until there are two samples to compare.
figures='
def si: if . >= 1e9 then "\(. / 1e7 | round / 100) G" elif . >= 1e6 then "\(. / 1e4 | round / 100) M"
	elif . >= 1e3 then "\(. / 10 | round / 100) k" else "\(round) " end;
select(.cpu_busy != null) |
	"\(now | strflocaltime("%H:%M:%S"))  \(.name): \(.cpus) CPUs \(.cpu_busy * 1000 | round / 10) % busy, " +
	"\([.softirq.per_s[]?] | add // 0 | round) softirqs/s, " +
	"rx \(.rx_bytes_per_s // 0 | si)B/s, tx \(.tx_bytes_per_s // 0 | si)B/s, " +
	"cpu from \(.cpu.origin), lost \(.lost)"'
said=
while sleep 1; do
	for pid in "${pids[@]}"; do
		kill -0 "$pid" 2>/dev/null || fail "a program ended by itself:"
	done
	line=$(curl -fs "http://$http/api/v1/nodes/$name" | jq -r "$figures")
	[ -n "$line" ] && echo "$line"
	# What the shipper has to say of this host is said once.
	if [ -z "$said" ] && [ -n "$line" ] && [ -f "$run/shipper.log" ]; then
		grep -v 'sending to' "$run/shipper.log" | sed 's/^/  /'
		said=yes
	fi
done
