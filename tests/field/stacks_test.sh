#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What lies on others (VLAN, bond, bridge, macvlan; partitions, md, device-mapper) is
# told so and counted once: by ktach, in API, sums and /metrics (stacks.py). What is
# unplugged is in none of these any more, from the next sample on. More block devices
# than there are places for are said.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

tree=$work/tree
roots=(--proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root")
collector_start
background machine.log python3 tests/field/stacks.py "$tree" 60
wait_for 10 test -s "$tree/proc/diskstats"
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state" --pins "$work/none" \
	--disk-interval 1s --include '*' --disk-include 'sd*,md*,dm-*,crypt,vg-*,mpath*' "${roots[@]}"
metric() { curl -fs "http://$http/metrics" | grep -E "$1"; }
shown() { "$B/bin/ktach" show "$1" --json --from proc --interval 1s "${@:3}" "${roots[@]}" 2>/dev/null | jq -e "$2"; }
about='def about($n): . > $n * 800000 and . < $n * 1200000;'

check "the node comes, with rates" wait_for 20 api nodes/stacks '.rx_bytes_per_s > 0 and (.disk.disks | length > 5)'
check "facts name each" api nodes/stacks '.facts.stacked | map(split(" ") | [.[0], (.[1:] | sort)]) | sort ==
	[["bond0", ["eth0", "eth1"]], ["bond0.5", ["bond0"]], ["br0", ["bond0.5", "tap0"]], ["macvlan0", ["eth2"]]]'
check "interfaces that lie on others" api nodes/stacks '[.net.interfaces[] | select(.stacked) | .name] | sort == ["bond0", "bond0.5", "br0", "macvlan0"]'
check "each has its own rate" wait_for 10 api nodes/stacks "$about"' .net.interfaces | map({ (.name): .rx_bytes_per_s }) | add |
	(.bond0 | about(2)) and (.br0 | about(2)) and (.eth0 | about(1)) and (.macvlan0 | about(1))'
check "the node's sum is that of the wires" wait_for 10 api nodes/stacks "$about"' (.rx_bytes_per_s | about(3)) and (.tx_bytes_per_s | about(3))'
check "and the fleet's" wait_for 10 api cluster "$about"' .rx_bytes_per_s | about(3)'
check "and the list's" wait_for 10 api nodes "$about"' .nodes[0].rx_bytes_per_s | about(3)'

check "disks that lie on others" api nodes/stacks '[.disk.disks[] | select(.stacked) | .name] | sort == ["crypt", "md0", "mpatha", "vg-data"]'
check "partitions are no disks of their own" api nodes/stacks '[.disk.disks[].name | select(test("^sd[ab][12]"))] == []'
check "each has its own rate, too" wait_for 10 api nodes/stacks "$about"' .disk.disks | map({ (.name): .read_bytes_per_s }) | add |
	(.["vg-data"] | about(2)) and (.md0 | about(2)) and (.sda | about(1))'
check "a sum is of the disks" wait_for 10 api 'topk?metric=disk.read_bytes&over=nodes' "$about"' .top[0].value | about(3)'
check "metrics: disks" metric '^ktach_disk_stacked\{.*device="md0".* 1$'
check "ktach: disks" shown disk '[.disk.disks[] | select(.stacked | not) | .name] | sort == ["sda", "sdb", "sdc"]'

# --- what is unplugged
echo sdc dm-2 eth2 macvlan0 >"$tree/gone"
wait_for 10 bash -c "! grep -qE 'sdc|eth2' '$tree/proc/diskstats' '$tree/proc/1/net/dev'"
gone=$(date +%s%N)
wait_for 20 api nodes/stacks ".disk.real_ns > $gone and .net.real_ns > $gone"
check "none of it in the first sample behind that" api nodes/stacks '[(.disk.disks, .net.interfaces)[] | .name] | sort ==
	["bond0", "bond0.5", "br0", "crypt", "eth0", "eth1", "md0", "sda", "sdb", "tap0", "vg-data"]'
check "nor among the disks of the fleet" api 'topk?metric=disk.read_bytes&over=disks&k=50' '[.top[].disk] | sort == ["crypt", "md0", "sda", "sdb", "vg-data"]'
is "$(metric 'device="(sdc|mpatha|macvlan0)"'; metric '^ktach_disk_stacked.*device="s' | wc -l)" 2 "nor in /metrics"
check "nor in sums" api nodes/stacks "$about"' .rx_bytes_per_s | about(2)'
check "of disks" api 'topk?metric=disk.read_bytes&over=nodes' "$about"' .top[0].value | about(2)'

# --- more than there are places for
awk 'BEGIN { for (i = 0; i < 16400; i++) printf "%d %d d%d 1 0 8 1 0 0 0 0 0 1 1 0 0 0 0 0 0\n", 300 + i / 1000, i % 1000, i }' >"$work/many"
kill "${pids[1]}"
wait "${pids[1]}" 2>/dev/null
cp "$work/many" "$tree/proc/diskstats"
"$B/bin/ktach" show disk --json --interval 100ms --disk-include '*' "${roots[@]}" >"$work/disks" 2>"$work/said"
check "too many devices are said, with what helps" grep -q 'has more than 16384 devices: the rest is left out; --disk-exclude makes room' "$work/said"
is "$(grep -c 'has more than' "$work/said")" 1 "once"
"$B/bin/ktach" show disk --json --interval 100ms --disk-exclude 'd1*' --disk-include 'd*' "${roots[@]}" >"$work/disks" 2>"$work/said"
check "and the wanted ones have places once others are excluded" jq -e '[.disk.disks[].name] | index("d9999") != null and index("d10000") == null' "$work/disks"
check "without a word" bash -c "! grep -q 'has more than' '$work/said'"
done_testing
