#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What counting costs a packet: our program with bursts and their recording on,
# beside an empty program and beside the common design (one shared hash keyed by
# ifindex, atomic adds, rates in user space), which makes neither classes nor
# bursts nor rates. Twice: BPF_PROG_TEST_RUN, and frames of 64 bytes through
# veth pairs of which each carries one of the programs; on one CPU, and on two
# that count the same interface. bench/tc/measure.c says which rounds count.
# And what a tick of the timer takes at once, in which networking stands still: of
# 800 interfaces here, and of more in guests whose clock counts instructions.
set -eu
cd "$(dirname "$0")/.."
B=${B:-build}
[ "$(id -u)" = 0 ] || { echo "bench-tc: needs root" >&2; exit 1; }
make --no-print-directory B="$B" "$B/bench/tc/measure" "$B/bench/tc/designs.bpf.o" \
	"$B/tests/selftests/net_table" "$B/bench/tc/flood" "$B/bench/tc/head" \
	"$B/tests/vm/vmexit" >&2
ns=ktach-bench-$$
tmp=$(mktemp -d)
mkdir "$tmp/bpf"
table=

cleanup() {
	[ -z "$table" ] || kill "$table"
	ip netns del "$ns" 2>/dev/null || true
	ip netns del "$ns-many" 2>/dev/null || true
	umount "$tmp/bpf" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

in_ns() {
	ip netns exec "$ns" "$@"
}

# attach INTERFACE PROGRAM
attach() {
	in_ns tc qdisc add dev "$1" clsact
	in_ns tc filter add dev "$1" ingress bpf da object-pinned "$tmp/bpf/bench/$2"
}

set_up() {
	mount -t bpf bpf "$tmp/bpf"
	ip netns add "$ns"
	in_ns sh -c 'for c in all default; do
		f=/proc/sys/net/ipv6/conf/$c/disable_ipv6
		[ ! -e $f ] || echo 1 >$f
	done; ip link set lo up'
	for i in empty common ours; do
		in_ns ip link add "$i" type veth peer name "to-$i"
		in_ns ip link set "$i" up
		in_ns ip link set "to-$i" up
	done
	bpftool prog loadall "$B/bench/tc/designs.bpf.o" "$tmp/bpf/bench"
	attach empty bench_empty
	attach common bench_common
	# All three the same way.
	ip netns exec "$ns" "$B/tests/selftests/net_table" -c -l -I lo,ours -P "$tmp/bpf/ktach" \
		-p 1000 -i 1000 -r 8 >"$tmp/table" 2>"$tmp/table.log" &
	table=$!
	for _ in $(seq 100); do
		grep -q '^row ours' "$tmp/table" && return
		sleep 0.1
	done
	echo "bench-tc: packets are not counted: $(cat "$tmp/table.log")" >&2
	exit 1
}

# measured WAY CPUS: sets empty, common and ours, and prints a line.
measured() {
	local pins=$tmp/bpf way=0
	if [ "$1" = run ]; then
		set -- run "$2" "empty=$pins/bench/bench_empty" \
			"common=$pins/bench/bench_common" "ours=$pins/ktach/ingress"
	else
		way=1
		set -- load "$2" "empty=to-empty:$pins/bench/bench_empty" \
			"common=to-common:$pins/bench/bench_common" "ours=to-ours:$pins/ktach/ingress"
	fi
	in_ns "$B/bench/tc/measure" "$@" >"$tmp/result"
	eval "$(awk -v median=$(($2 > 1 || way == 1)) '{ print $1 "=" (median ? $3 : $2) }' "$tmp/result")"
	awk -v way="$1" -v cpus="$2" '{
		best = best sprintf(", %s %.1f (%.1f)", $1, $2, $3)
	} END { printf "%s, %d CPU: ns a packet, best (median)%s\n", way, cpus, best }' "$tmp/result"
}

# bar NAME VALUE LIMIT
bar() {
	echo "$1 $2 $3" | awk '{ print "BAR", $1, $2, $3, $2 <= $3 ? "ok" : "short" }' >>"$tmp/bars"
}

minus() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a - b }'
}

ratio() {
	awk -v a="$1" -v b="$2" -v e="$empty" 'BEGIN { printf "%.2f", (a - e) / (b - e) }'
}

# --- ticks of many interfaces -----------------------------------------------

# tick_here PAIRS: sets cost and longest, ns.
tick_here() {
	mkdir "$tmp/bin"
	ln -s "$(realpath "$B/tests/selftests/net_table")" "$(realpath "$B/bench/tc/flood")" "$tmp/bin"
	ln -s "$(realpath "$B/bench/tc/head")" "$tmp/bin/tc_head"
	ip netns add "$ns-many"
	read -r cost longest < <(PATH=$PATH:$tmp/bin ip netns exec "$ns-many" bash -c \
		". bench/tc_tick.sh; tick_pairs $1; tick_measure $tmp/bpf/many $((2 * $1)) 50" 2>"$tmp/tick.log")
	ip netns del "$ns-many"
	[ -n "$longest" ] || { cat "$tmp/tick.log" >&2; exit 1; }
}

# tick_guest POSSIBLE PAIRS ROUNDS: the same, in instructions, where one CPU of so
# many is online.
tick_guest() {
	tests/vm/run.sh -i -c "1,maxcpus=$1" -M 4G -t 3000 -a "$2,$3" "$KERNEL_IMAGE" "$tmp/initrd" >"$tmp/console"
	read -r cost longest < <(sed -n 's/\r$//; s/^tick //p' "$tmp/console")
	[ -n "$longest" ] || { tail -n 30 "$tmp/console" >&2; exit 1; }
}

pack_guest() {
	eval "$(tests/vm/kernel.sh)"
	cp bench/tc_guest.sh "$tmp/run"
	cp "$B/bench/tc/head" "$tmp/tc_head"
	cp "$(PATH=$PATH:/usr/sbin:/sbin command -v ip)" "$tmp/iproute"
	tests/vm/initrd.sh "$tmp/initrd" -m "$MODULES_DIR" "$KVER" sch_ingress,cls_bpf,veth,af_packet \
		-p "$B/tests/vm/vmexit" -p "$B/tests/selftests/net_table" -p "$B/bench/tc/flood" \
		-p "$tmp/tc_head" -p "$tmp/iproute" \
		-f bench/tc_tick.sh -f "$tmp/run"
}

ticks() {
	local two
	tick_here 400
	echo "800 interfaces, all active: a tick takes $((cost / 1000)) us, its longest callback $((longest / 1000)) us"
	bar tc-tick-callback-us-of-800 $((longest / 1000)) 200
	pack_guest
	tick_guest 255 2048 3
	echo "4096 interfaces, all active, 255 possible CPUs: a tick takes $cost instructions, its longest callback $longest"
	bar tc-tick-callback-instructions-of-4096 "$longest" 200000
	tick_guest 2 64 20
	two=$cost
	tick_guest 255 64 20
	echo "128 interfaces, all active: a tick takes $two instructions with 2 possible CPUs, $cost with 255"
	bar tc-tick-255-to-2-possible "$(awk -v a="$cost" -v b="$two" 'BEGIN { printf "%.2f", a / b }')" 1.3
}

empty='' common='' ours='' cost='' longest=''
set_up
measured run 1
bar tc-ns-over-empty "$(minus "$ours" "$empty")" 40
echo "over empty, ours / common: $(ratio "$ours" "$common")"
if [ "$(nproc)" -ge 2 ]; then
	measured run 2
	bar tc-2-cpus-over-empty-ours-to-common "$(ratio "$ours" "$common")" 1
fi
measured load 1
bar tc-load-ns-over-empty "$(minus "$ours" "$empty")" 40
echo "over empty, ours / common: $(ratio "$ours" "$common")"
if [ "$(nproc)" -ge 2 ]; then
	measured load 2
	bar tc-load-2-cpus-over-empty-ours-to-common "$(ratio "$ours" "$common")" 1
fi
ticks
cat "$tmp/bars"
