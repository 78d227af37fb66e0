# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # shared with the tests
#
# What the tests of the packet counters share; $here is their folder, and $need
# what they need beyond ip and tc. veth pairs in namespaces of their own:
#
#   namespace $near                     namespace $far
#   net_table, iperf3 -c   a0 ------ b0   iperf3 -s
#   net_send, or received  c0 ------ d0   net_send; no addresses: nothing else
#                                         is ever sent there
#
# What is compared was at rest for a tick: exact numbers, no timing.

# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
B=${B:-build}
bin=$B/tests/selftests

[ "$(id -u)" = 0 ] || skip_all "needs root"
for tool in ip tc ${need:-}; do
	command -v $tool >/dev/null || skip_all "needs $tool"
done
near=ktach-near-$$
far=ktach-far-$$
tmp=$(mktemp -d)
pids=
pins=$tmp/bpf/ktach
mkdir "$tmp/bpf"
mount -t bpf bpf "$tmp/bpf" || skip_all "no bpffs"

cleanup() {
	for pid in $pids; do
		kill -9 "$pid" 2>/dev/null
	done
	ip netns del $near 2>/dev/null
	ip netns del $far 2>/dev/null
	umount "$tmp/bpf"
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

in_near() {
	ip netns exec $near "$@"
}

in_far() {
	ip netns exec $far "$@"
}

# --- topology ----------------------------------------------------------------

# No namespace speaks IPv6 until it is told to: neighbours would be looked for.
make_namespace() {
	ip netns add "$1" || return 1
	ip netns exec "$1" sh -c '
		for c in all default; do
			f=/proc/sys/net/ipv6/conf/$c/disable_ipv6
			[ ! -e $f ] || echo 1 >$f
		done
		ip link set lo up'
}

make_topology() {
	make_namespace $near && make_namespace $far || return 1
	ip -n $near link add a0 type veth peer name b0 netns $far || return 1
	ip -n $near link add c0 type veth peer name d0 netns $far || return 1
	for i in a0 c0; do ip -n $near link set $i up; done
	for i in b0 d0; do ip -n $far link set $i up; done
	ip -n $near addr add 192.0.2.1/24 dev a0
	ip -n $far addr add 192.0.2.2/24 dev b0
}

offloads() {
	in_near ethtool -K a0 tso "$1" gso "$1" gro "$2" >/dev/null 2>&1
	in_far ethtool -K b0 tso "$1" gso "$1" gro "$2" >/dev/null 2>&1
}

# --- the program under test --------------------------------------------------

# start_table NAME [OPTIONS]: in the background; output in $tmp/NAME.
start_table() {
	name=$1
	shift
	: >"$tmp/$name"
	ip netns exec $near "$bin/net_table" -P "$pins" -p 50 -i 20 "$@" \
		>"$tmp/$name" 2>"$tmp/$name.log" &
	table_pid=$!
	pids="$pids $table_pid"
	wait_for 10 grep -q ready "$tmp/$name"
}

# stop PID [SIGNAL]
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	stopped=$?
	pids=$(echo " $pids " | sed "s/ $1 / /")
}

# detach [PINS]: as ktach-shipper --detach
detach() {
	in_near "$bin/net_table" -P "${1:-$pins}" -d
}

# row NAME INTERFACE: the row as last printed. From the end of the file, which is
# long after some minutes, and not of a table that is being written.
row() {
	tac "$tmp/$1" | awk -v name="$2" '/^end/ { whole = 1 }
		whole && $1 == "row" && $2 == name { print; exit }'
}

# has_row NAME INTERFACE
has_row() {
	[ "$(row "$1" "$2")" ]
}

# ends NAME: how many tables were printed
ends() {
	tac "$tmp/$1" | awk '/^end [0-9]+$/ { print $2; found = 1; exit }
		END { if (!found) print 0 }'
}

has_printed() {
	[ "$(ends "$1")" -ge "$2" ]
}

# prints NAME COUNT: wait for so many tables more
prints() {
	wait_for 10 has_printed "$1" $(($(ends "$1") + $2))
}

# moved NAME INTERFACE MONO_NS: there was another tick
moved() {
	[ "$(row "$1" "$2" | field 5)" != "$3" ]
}

# field NUMBER: of a row on stdin. 7 8: rx bytes, packets; 11 12: tx
field() {
	cut -d ' ' -f "$1"
}

# key KEY: of a row on stdin
key() {
	tr ' ' '\n' | sed -n "s/^$1=//p"
}

# settled NAME INTERFACE: the row as of a tick that began after this call.
settled() {
	prints "$1" 2
	wait_for 10 moved "$1" "$2" "$(row "$1" "$2" | field 5)"
	row "$1" "$2"
}

# device INTERFACE: "rx_bytes rx_packets tx_bytes tx_packets" of /proc/net/dev
device() {
	in_near cat /proc/net/dev | tr ':' ' ' |
		awk -v i="$1" '$1 == i { print $2, $3, $10, $11 }'
}

counts() {
	settled "$1" "$2" | field 7,8,11,12
}

# minus "A B C D" "A B C D"
minus() {
	echo "$1 $2" | awk '{ printf "%.0f %.0f %.0f %.0f\n",
			      $1 - $5, $2 - $6, $3 - $7, $4 - $8 }'
}

# exact TABLE INTERFACE FIELDS TEXT COMMAND...: send, and find it in the table.
exact() {
	table=$1
	interface=$2
	fields=$3
	text=$4
	shift 4
	start=$(settled "$table" "$interface" | field "$fields")
	want=$("$@")
	if [ $? -eq 77 ]; then
		skip "$text" "this kernel doesn't take such frames"
		return
	fi
	end=$(settled "$table" "$interface" | field "$fields")
	is "$(minus "$end 0 0" "$start 0 0" | field 1,2)" "$want" "$text"
	[ "$end" ] || sed 's/^/# /' "$tmp/$table.log"
}
