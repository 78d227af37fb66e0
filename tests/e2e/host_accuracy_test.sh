#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ktach tells of this host, against the tools that people trust, under a
# mixed load of stress-ng, fio and iperf3 (accuracy.py). Over 4 s, where counters
# have to be exact and rates of the right size; LONG=1: over 40 s, where rates
# have to be within 1 %.
# Runs alone: its rates are of the same time only as far as nothing delays it.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "interfaces of its own need root"
for tool in mpstat iostat sar pidstat stress-ng fio iperf3 vmstat free top; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
ktach=$(realpath "${B:-build}/bin/ktach")
seconds=4 bound=0.5
[ "${LONG:-0}" = 0 ] || { seconds=40; bound=0.01; }
work=$(mktemp -d)
here=ktacc$$ there=ktbcc$$
loads=()

finish() {
	[ ${#loads[@]} -eq 0 ] || kill "${loads[@]}" 2>/dev/null
	wait 2>/dev/null
	ip netns del $here 2>/dev/null
	ip netns del $there 2>/dev/null
	[ -z "${loop:-}" ] || { umount "$work/disk"; losetup -d "$loop"; } 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

# A disk to write to: the one that the work is on, else a loop device.
mkdir "$work/disk"
disk=$(basename "$(df --output=source "$work" | tail -n 1)")
if ! grep -qw "$disk" /proc/diskstats; then
	truncate -s 256M "$work/image"
	loop=$(losetup -f --show "$work/image" 2>/dev/null) && mkfs.ext4 -q "$loop" 2>/dev/null &&
		mount "$loop" "$work/disk" 2>/dev/null || skip_all "there is no disk, nor a loop device, in /proc/diskstats"
	disk=${loop##*/}
fi

ip netns add $here && ip netns add $there &&
	ip -n $here link add net0 type veth peer name net1 netns $there &&
	ip -n $here addr add 192.0.2.1/30 dev net0 && ip -n $there addr add 192.0.2.2/30 dev net1 &&
	ip -n $here link set net0 up && ip -n $there link set net1 up ||
	skip_all "namespaces and veth interfaces are not to be had"

# load COMMAND...: until the end.
load() {
	"$@" >"$work/load.${#loads[@]}" 2>&1 &
	loads+=($!)
}
# Nice enough not to be in the way of what is measured.
load stress-ng --cpu 1 --cpu-load 60 --vm 1 --vm-bytes 64m --vm-keep --switch 1 --switch-freq 1000
load fio --name=mixed --directory="$work/disk" --rw=randrw --bs=16k --size=64m --direct=1 --time_based \
	--runtime=600 --rate_iops=150,150 --fsync=50
load ip netns exec $there iperf3 -s
sleep 1
load ip netns exec $here iperf3 -c 192.0.2.2 -u -b 40M -t 600
sleep 3

python3 tests/e2e/accuracy.py "$ktach" $seconds $bound "$disk" $here >"$work/out" 2>"$work/err"
ok $? "everything was compared" "$work/err"
tail -n 5 "$work/err" | sed 's/^/# /'
relay "$work/out"

# Without traffic a counter is the tool's to the last packet.
kill "${loads[@]}" 2>/dev/null
wait "${loads[@]}" 2>/dev/null
loads=()
ip netns exec $here "$ktach" show link --json --interval 20ms --link-include net0 >"$work/ours"
ip netns exec $here ip -s -j link show net0 >"$work/theirs"
is "$(jq -c '.link.links[0] | [.rx_bytes, .rx_packets, .tx_bytes, .tx_packets]' "$work/ours")" \
	"$(jq -c '.[0].stats64 | [.rx.bytes, .rx.packets, .tx.bytes, .tx.packets]' "$work/theirs")" \
	"an interface at rest: bytes and packets are ip's"
done_testing
