#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines that are not here (trees.sh), as `ktach show` tells of them: the right
# values, and work that is bounded by what the machine has: system calls are
# counted, not time.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
command -v strace >/dev/null || skip_all "strace is not installed"
ktach=$(realpath "${B:-build}/bin/ktach")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# show TREE NAME [OPTION...]: the answer in JSON.
show() {
	local tree=$work/$1 name=$2 interval=50ms
	shift 2
	# Threads read them, and a reading takes what they have found by then.
	[ "$name" != sensor ] || interval=500ms
	"$ktach" show "$name" --json --from proc --interval $interval --proc-root "$tree/proc" \
		--sys-root "$tree/sys" --root "$tree/root" "$@" 2>>"$work/err"
}

# holds TREE NAME TEXT EXPRESSION [OPTION...]: jq's, of that answer.
holds() {
	local tree=$1 name=$2 text=$3 expression=$4
	shift 4
	show "$tree" "$name" "$@" >"$work/answer"
	jq -e "$expression" "$work/answer" >"$work/found" 2>&1
	check "$tree: $text" test "$(sort -u "$work/found")" = true
	[ "$(sort -u "$work/found")" = true ] || jq -c . "$work/answer" | cut -c 1-1500 | sed 's/^/# /'
}

# bounded LIMIT TREE NAME [OPTION...]: system calls of an answer, all in all.
bounded() {
	local limit=$1 tree=$work/$2 name=$3 calls
	shift 3
	strace -f -c -o "$work/calls" "$ktach" show "$name" --json --from proc --interval 50ms \
		--proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root" "$@" >/dev/null 2>&1
	calls=$(awk '$NF == "total" { print $4 == "total" ? $3 : $4 }' "$work/calls")
	check "${tree##*/}: show $name is $calls system calls, at most $limit" test "${calls:-999999}" -le "$limit"
}

for tree in server arm storage containers; do
	bash tests/host/trees.sh $tree "$work/$tree"
done

# --- 2 sockets, 256 CPUs
holds server facts "what it is" '.facts | .host_name == "server1" and .sockets == 2 and .cores == 128
	and .threads == 256 and .memory_bytes == 549755813888 and .virtualisation == "none"
	and (.cpu_model | startswith("Intel(R) Xeon(R) Platinum")) and .kernel == "6.1.0-28-amd64"
	and .boot_id == "3b1b5a5e-0000-4000-8000-0123456789ab" and .uptime_ns == 86400000000000'
holds server core "each of 256 CPUs has its clock and packets" '.core.cores | length == 256
	and ([.[] | .hz] == [range(256) | (2000000 + . * 1000) * 1000])
	and ([.[] | .packets] == [range(256) | 100000 + .])
	and ([.[] | .squeezed] == [range(256) | . % 5])'
holds server memory "memory" '.memory | .total_bytes == 549755813888 and .free_bytes == .total_bytes / 4
	and .available_bytes == .total_bytes / 2 and .cached_bytes == .total_bytes / 8'
holds server system "context switches and forks" '.system | .context_switches == 987654321
	and .forks == 345678 and .interrupts == 123456789 and .tasks_running == 3 and .tasks_blocked == 1'
holds server disk "one disk, no partitions" '.disk.disks | length == 1
	and (.[0] | .name == "nvme0n1" and .size_bytes == 7501476528 * 512 and .reads == 1000
	and .read_bytes == 8000 * 512 and .write_ns == 500 * 1000000)'
holds server disk "partitions, when asked for" '[.disk.disks[].name] == ["nvme0n1", "nvme0n1p1", "nvme0n1p2"]' \
	--disk-partitions yes
holds server process "the process that uses most" '.process.processes | any(.name == "postgres"
	and .pid == 2000 and .threads == 12 and .rss_bytes == 262144 * 4096 and .cgroup == "/system.slice/2000.service")'
holds server process "a name with blanks and brackets" '.process.processes | any(.pid == 1500
	and .name == "(sd-pam) x)")'
holds server sensor "the CPUs temperatures, fans, volts and power" '.sensor.sensors | (map(select(.type == "fan"))
	| any(.value == 1235)) and any(.type == "voltage" and .value == 0.904)
	and any(.type == "power" and .value == 412) and (map(select(.type == "energy")) | length >= 4)'
holds server mount "/ and /boot/efi" '[.mount.mounts[].point] | index("/") != null and index("/boot/efi") != null
	and index("/proc") == null'

# --- an Arm board
holds arm facts "what it is" '.facts | .host_name == "board" and .cores == 4 and .sockets == 1
	and .cpu_model == "Arm Cortex-A72"'
holds arm sensor "without hwmon, thermal zones tell" '.sensor.sensors | any(.value == 48.312 and .critical == 110)'
holds arm disk "its card" '[.disk.disks[].name] == ["mmcblk0"]'

# --- nvme, md, device-mapper
holds storage disk "device-mapper by its names" '[.disk.disks[].name] as $n |
	["nvme0n1", "nvme1n1", "md0", "md127", "vg0-root", "vg0-srv", "luks-8d1c", "mpatha", "sda", "sdl"] | all(. as $d | $n | index($d) != null)'
holds storage disk "no loop, ram, zram, nor a path of a multipath controller" '[.disk.disks[].name]
	| any(test("loop|ram|c0n1")) | not'
holds storage disk "a disk of 18 TB" '.disk.disks[] | select(.name == "luks-8d1c") | .size_bytes == 35156623360 * 512'
holds storage mount "a name with a blank, one of two bind mounts" '[.mount.mounts[].point] |
	index("/srv/my data") != null and index("/var/www") == null'
holds storage mount "what is mounted over hides what is below" '[.mount.mounts[] | select(.point == "/mnt/cover") | .device] == ["/dev/sdb"]'

# --- containers
holds containers facts "a virtual machine" '.facts.virtualisation == "kvm"'
holds containers mount "of 500 mounts those that can fill up" '[.mount.mounts[].point] | sort == ["/", "/dev/shm", "/run"]'

# --- work
bounded 700 server memory
bounded $((256 * 10 + 300)) server core
bounded 500 server disk
bounded 600 server process
bounded $((141 * 16 + 300)) server sensor
bounded 600 storage disk
bounded 600 storage mount
bounded 600 containers mount

# 300 veths are made in a namespace: what is asked for them is no file's.
ns=ktveth$$
if [ "$(id -u)" -eq 0 ] && ip netns add $ns 2>/dev/null; then
	trap 'ip netns del $ns; rm -rf "$work"' EXIT
	for n in $(seq 150); do
		echo "link add veth$n type veth peer name vethpeer$n"
	done | ip -n $ns -batch -
	is "$(ip netns exec $ns "$ktach" show link --json --interval 50ms | jq '.link.links | length')" 0 \
		"300 veths are left out"
	is "$(ip netns exec $ns "$ktach" show link --json --interval 50ms --link-include 'veth*' |
		jq '[.link.links[].name] | unique | length')" 300 "and told of when asked for"
	strace -f -c -o "$work/calls" ip netns exec $ns "$ktach" show link --json --interval 50ms \
		--link-include 'veth*' >/dev/null
	calls=$(awk '$NF == "total" { print $4 == "total" ? $3 : $4 }' "$work/calls")
	check "in $calls system calls, at most $((300 * 4 + 500))" test "${calls:-999999}" -le $((300 * 4 + 500))
else
	skip "300 veths" "a namespace needs root"
fi
done_testing
