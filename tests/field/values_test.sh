#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is shown is true: of machines that are as real ones were seen to be
# (tests/host/trees.sh), by ktach, and through a shipper in API and /metrics; what
# falls, what lies on others, what is hidden, what another ktach counts.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
ns=ktach-values-$$

leave() {
	finish
	ip netns del $ns 2>/dev/null
}
trap leave EXIT

# roots TREE: the options for it.
roots() { echo "--proc-root $work/$1/proc --sys-root $work/$1/sys --root $work/$1/root"; }
# ship TREE: a shipper of it, with its interval.
ship() {
	# shellcheck disable=SC2046 # several options
	background "$1.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state-$1" \
		--disk-interval 1s --sensor-interval 1s --interrupts-enabled yes --interrupts-interval 1s --interrupts-count 50 $(roots "$1")
}
# shown SUBJECT EXPRESSION: of the odd machine, by ktach.
shown() {
	local answer
	# shellcheck disable=SC2046
	answer=$("$B/bin/ktach" show "$1" --json --from proc --interval 200ms $(roots odd) 2>"$work/said") || return
	jq -e "$2" <<<"$answer" && return
	jq -c . <<<"$answer" | cut -c 1-2000
	return 1
}
metrics() { curl -fs "http://$http/metrics" | grep "instance=\"$1\""; }
# metric NODE LINE: such a line is there, whatever other labels it has.
metric() { metrics "$1" | grep -E "$2"; }

for tree in odd moving; do
	bash tests/host/trees.sh $tree "$work/$tree"
done
collector_start
began=$(date +%s)
ship odd
background moving.out python3 tests/field/moving.py "$work/moving"
wait_for 60 test -s "$work/moving.out"
ship moving
# What API and ktach say of it all the time, a line each.
(while api nodes/moving | jq -c '[.cpu.busy, (.disk.disks // [] | map(select(.name == "sda") | .reads_per_s))[0]]'; do
	api 'topk?metric=disk.read_bytes&over=nodes' | jq -c '["sum", (.top[] | select(.name == "moving") | .value)]'
	sleep 0.3
done >"$work/seen" 2>/dev/null) &
seen=$!
pids+=("$seen")
# shellcheck disable=SC2046
"$B/bin/ktach" watch cpu --csv --from proc $(roots moving) >"$work/watched" 2>/dev/null &
watched=$!
pids+=("$watched")

# --- by ktach
check "nvme: what the paths counted is their disk's" shown disk '.disk.disks[] | select(.name == "nvme0n1") | .reads == 5001000 + 5003000'
check "a device that is called as another is told apart" shown disk \
	'[.disk.disks[].name] | index("sda (dm-0)") != null and index("sda") != null and (length == (unique | length))'
check "so is one of two of one name" shown disk '[.disk.disks[].name] | index("crypt home") != null and index("crypt home (dm-3)") != null'
check "5000 loops take nobody's place" shown disk '[.disk.disks[].name] | index("md0") != null and (any(startswith("loop")) | not)'
check "what lies on others is told" shown disk '[.disk.disks[] | select(.stacked) | .name] | sort ==
	["crypt home", "md0", "sda (dm-0)", "vg-data"]'
check "the cores of both clusters, and both kinds" shown facts '.facts.cores == 8 and .facts.cpu_model == "Arm Cortex-A55, Arm Cortex-A76"'
check "a host name without a newline, after a comment" shown facts '.facts.host_name == "odd-1"'
for subject in disk mount mem cpu facts; do
	check "show $subject says whose it is" shown $subject '[.host, .kernel] == ["odd-1", "6.1.0-28-arm64"]'
done
rm "$work/odd/sys/class/net/"*/ifindex
# shellcheck disable=SC2046
"$B/bin/ktach" show net --from proc $(roots odd) >"$work/out" 2>&1
is "$? $(grep -c 'tells nothing of what was asked for' "$work/out")" "1 1" "no interface that has a number: not without a word"
check "each subvolume once, its space once" shown mount '[.mount.mounts[] | select(.type == "btrfs") | [.point, .stacked]] |
	sort == [["/home", false], ["/srv/of all", true]]'
check "a mount that fails" shown mount '.mount.mounts[] | select(.point == "/mnt/gone") | .failed and .size_bytes == null'
check "sensors without a label, and twins" shown sensor '[.sensor.sensors[] | select(.chip | startswith("nct")) | .label] |
	index("temp2") != null and index("no newline") != null and index("SYSTIN") != null and index("SYSTIN (temp6)") != null'
check "two chips of one name at one device" shown sensor '[.sensor.sensors[] | select(.chip | startswith("twin")) | .chip] |
	length == 2 and (unique | length == 2)'
check "0 K is no reading" shown sensor '[.sensor.sensors[] | select(.label | startswith("AUX")) | .value] == [null, null]'
check "both zones of one type" shown sensor '[.sensor.sensors[] | select(.label == "acpitz") | .value] == [27.8, 29.8]'
cc -shared -fPIC -O1 -o "$work/slow.so" tests/e2e/preload/slow.c -ldl
sensors() { # shellcheck disable=SC2046
	"$@" "$B/bin/ktach" show sensor --json --interval 100ms $(roots odd) 2>/dev/null | jq -c '[.sensor.sensors[] | [.chip, .label, .value, .max]]'
}
is "$(sensors env KTACH_SLOW=hwmon0/ "LD_PRELOAD=$work/slow.so")" "$(sensors env)" "a chip that takes its time is waited for, beside others that answer"
check "I/O is an interrupt" shown interrupts '.interrupts.interrupts | any(.symbol == "I/O" and .count == 116)'
check "FIQ is no reason to warn" test ! -s "$work/said"
check "memory that is more than there is" shown mem '.memory | .available_bytes == null and .swap_free_bytes == null and .total_bytes == 4294967296'
check "CPUs of which nothing is known are not busy" shown cpu '.cpu.busy == null and ([.cpu.cpus[].busy] | unique == [null])'
# shellcheck disable=SC2046
check "trees are taken without a command" bash -c "'$B/bin/ktach' --interval 100ms $(roots odd) | grep -q '^odd-1 .*6.1.0-28-arm64'"
# shellcheck disable=SC2046
check "in words, too, nothing is 100 % busy" bash -c "! '$B/bin/ktach' show cpu --interval 100ms $(roots odd) | grep -q 100.0"
check "a busy share stands beside all of its parts" bash -c "'$B/bin/ktach' --interval 300ms | grep -q '^cpu .*busy.*user.*nice.*system'"

# --- in the API
check "the node comes under its name" wait_for 60 api nodes/odd-1 '.disk.disks and .mount.mounts and .sensor.sensors and .facts.cores'
check "API: the paths' counts" api nodes/odd-1 '.disk.disks[] | select(.name == "nvme0n1") | .reads > 5000000'
check "API: told apart, and what lies on others" api nodes/odd-1 '[.disk.disks[] | select(.stacked) | .name] | sort ==
	["crypt home", "md0", "sda (dm-0)", "vg-data"]'
check "API: what is not known of memory" api nodes/odd-1 '.memory.used_bytes == null and .memory.available_bytes == null'
check "API: nor in lists" api nodes '.nodes[] | select(.name == "odd-1") | .memory_used == null'
check "API: a fleet's memory is the others'" api cluster '.memory_used_bytes >= 0 and .memory_bytes < 2 * 4294967296'
check "API: a mount that fails" wait_for 60 api nodes/odd-1 '.mount.mounts[] | select(.point == "/mnt/gone") | .failed and .size_bytes == null'
check "API: subvolumes" api nodes/odd-1 '[.mount.mounts[] | select(.type == "btrfs") | .stacked] | sort == [false, true]'
check "API: zones, and what is at 0 K" api nodes/odd-1 '([.sensor.sensors[] | select(.label == "acpitz") | .value] == [27.8, 29.8])
	and ([.sensor.sensors[] | select(.label | startswith("AUX")) | .value] == [null, null])'
check "API: cores" api nodes/odd-1 '.facts.cores == 8 and .facts.cpu_model == "Arm Cortex-A55, Arm Cortex-A76"'
check "API: no share where nothing was counted" api nodes/odd-1 '.cpu.share == null'

# --- in /metrics
check "metrics: no series twice" test -z "$(metrics odd-1 | sed 's/ [^ ]*$//' | sort | uniq -d)"
check "metrics: the paths' counts" metric odd-1 '^node_disk_reads_completed_total.*device="nvme0n1".* [1-9]'
check "metrics: two disks" metric odd-1 '^node_disk_reads_completed_total.*device="sda \(dm-0\)"'
check "metrics: what lies on others" metric odd-1 '^ktach_disk_stacked.*device="vg-data".* 1$'
check "metrics: a mount that fails" metric odd-1 '^node_filesystem_device_error.*mountpoint="/mnt/gone".* 1$'
check "metrics: and one that does not" metric odd-1 '^node_filesystem_device_error.*mountpoint="/home".* 0$'
is "$(metrics odd-1 | grep -c '^node_memory_MemAvailable')" 0 "metrics: no memory that makes no sense"
is "$(metrics odd-1 | grep -c '^node_hwmon_temp_celsius.*AUX')" 0 "metrics: nothing at 0 K"
check "no word of missing values but for the mount" test -z "$(grep missing "$work/odd.log" | grep -v /mnt/gone)"

# --- what falls, and what comes back; each time it is waited until all have seen it
# watched_for N: ktach has seen so many more samples.
watched_for() { [ "$(wc -l <"$work/watched")" -ge $((lines + $1 * 4)) ]; }
seen_by_ktach() {
	lines=$(wc -l <"$work/watched")
	wait_for 60 watched_for "$1"
}
sda='.disk.disks | map(select(.name == "sda") | .reads_per_s)'
# Shares of a CPU in the history, from the first that is known on.
shares() { api "history?node=moving&metric=cpu.busy&from=$((began - 10))&to=$(date +%s)&step=1s" | jq -c '.series[0].values | .[map(. != null) | index(true) // length:]'; }
check "before: CPUs and a disk are known" wait_for 60 api nodes/moving ".cpu.busy > 0.2 and ($sda)[0] > 1"
check "by ktach, too" seen_by_ktach 3
touch "$work/moving/fall"
check "a disk that was unplugged is not there" wait_for 60 api nodes/moving "($sda) == []"
check "ktach has seen it" seen_by_ktach 3
touch "$work/moving/back"
check "API: a disk that was plugged in again is there, its rate known" wait_for 60 api nodes/moving "($sda)[0] > 1"
known_again() { [ "$(grep -c '^\["sum",[1-9]' "$work/seen")" -gt 3 ] && shares | jq -e 'index(null) as $i | $i and (.[$i:] | any(. != null))'; }
check "API: one share of a CPU is not known, and those before and after are" wait_for 60 known_again
kill "$seen" "$watched"
wait "$seen" "$watched" 2>/dev/null
# busy COLUMN: of all CPUs, as ktach saw it.
is "$(awk -F, '$3 == "all" && $4 != "" && ($4 < 0.1 || $4 > 0.6)' "$work/watched" | wc -l)" 0 "ktach: never busy because idle time fell"
is "$(awk -F, '$3 == "all" && $4 == ""' "$work/watched" | wc -l)" 1 "ktach: one sample is not known"
is "$(jq -c 'select(.[0] != "sum" and .[0] != null and (.[0] < 0.2 or .[0] > 0.3))' "$work/seen" | wc -l)" 0 "API: never busy because idle time fell"
is "$(shares | jq 'map(select(. != null and (. < 0.1 or . > 0.6))) | length')" 0 "history: never busy because idle time fell"
is "$(jq -c 'select(.[0] != "sum" and .[1] != null and (.[1] < 1 or .[1] > 50))' "$work/seen" | wc -l)" 0 "API: a disk that was plugged in again has its own rate, or none"
check "API: sums count a disk once" jq -se 'map(select(.[0] == "sum") | .[1] | select(. != null and . > 1e6)) | length > 3 and all(. > 5e6 and . < 16e6)' "$work/seen"

# --- states by their letters
kill "$collector"
wait "$collector"
check "an exported process has its state's letter" bash -c "'$B/ktach-collector' export --data '$work/data' --table process |
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i; next } { n++; if (\$at[\"state\"] !~ /^[A-Za-z]\$/) bad = 1 } END { exit !n || bad }'"

# --- the page leaves out what lies on others
check "the page's sums, too" node --input-type=module -e '
import { column, setStacked } from "./web/past.js";
setStacked({ disk: { disks: [{ device: 8, stacked: false }, { device: 9, stacked: true }] }, net: null });
const answers = new Map([["disk.read_bytes", { series: [{ key: 8, values: [5, null] }, { key: 9, values: [5, 5] }] }]]);
const sums = column({ ask: ["disk.read_bytes"], make: ([rows]) => rows.reduce((a, b) => a + b, 0) }, answers);
process.exit(JSON.stringify(sums) === "[5,null]" ? 0 : 1);'

[ "$(id -u)" -eq 0 ] || { skip "hidden processes, and interfaces" "needs root"; done_testing; }

# --- /proc with hidepid
unshare -m sh -c 'mount --make-rprivate / && mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' - \
	"$(realpath "$B/bin/ktach")" show process --json --interval 100ms >"$work/hidden" 2>"$work/said"
if grep -q 'ermission denied' "$work/said"; then
	skip "hidden processes are said" "nobody may not run this"
else
	check "hidden processes are said" grep -q "hides others' processes (hidepid)" "$work/said"
	check "what is not hidden is told, and no counts" jq -e '(.process.processes | length > 0) and .process.processes_all == null' "$work/hidden"
fi

# A shipper that is nobody in particular, from a folder that everybody may use.
everybody=$(mktemp -d)
chmod 755 "$everybody"
cp "$B/ktach-shipper" "$everybody/"
mkdir -m 777 "$everybody/state"
collector_start
background hidden.log unshare -m sh -c 'mount --make-rprivate / && mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' - \
	"$everybody/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$everybody/state" --pins "$work/none" --process-interval 1s --name hidden
check "API: a shipper tells of its own processes, and of no counts" wait_for 60 api nodes/hidden \
	'[.process.processes[].user] == ["nobody"] and .process.processes_all == null and .process.tasks_sleeping == null and .gauges.load_1min != null'
check "its log says why, once" [ "$(grep -c "hides others' processes (hidepid)" "$work/hidden.log")" = 1 ]
is "$(curl -fs "http://$http/metrics" | grep -c '^node_processes_pids{')" 0 "/metrics has no count"
api nodes/hidden >"$work/hidden.json"
is "$(WHO=$work/hidden.json node --input-type=module -e '
import { readFileSync } from "node:fs";
import { originText } from "./web/format.js";
const { process: some, cpu } = JSON.parse(readFileSync(process.env.WHO));
console.log(originText(some), originText(cpu));')" "/proc, which hides others from the shipper /proc" "the page says it"
kill "$!" "$collector"
wait "$!" "$collector"
rm -rf "$everybody"

# --- interfaces that lie on others, and those that another ktach counts
mkdir "$work/bpf"
if ! ip netns add $ns || ! mount -t bpf bpf "$work/bpf"; then
	skip "interfaces" "needs namespaces and a bpffs"
	done_testing
fi
# The counters are gone before their maps' folder is.
detach() {
	kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	for who in a b; do ip netns exec $ns "$B/ktach-shipper" --detach --pins "$work/bpf/$who" 2>/dev/null; done
	umount "$work/bpf"
	leave
}
trap detach EXIT
ip -n $ns -batch - <<END
link set lo up
link add p0 type veth peer name p1
link add b0 type bridge
link set p1 master b0
link add m0 link p0 type macvlan
address add 192.0.2.1/24 dev m0
link set p0 up
link set p1 up
link set b0 up
link set m0 up
END
# All in that namespace, with what is asked of it.
curl() { ip netns exec $ns "$(type -P curl)" "$@"; }
background within.log ip netns exec $ns "$B/ktach-collector" --listen 127.0.0.1:0 --http 127.0.0.1:0 --data "$work/other"
check "a collector in a namespace" wait_for 60 grep -q 'listening on' "$work/within.log"
feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/within.log")
http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/within.log")
for who in a b; do
	background "net-$who.log" ip netns exec $ns "$B/ktach-shipper" --collector "127.0.0.1:$feed" --state "$work/state-$who" \
		--pins "$work/bpf/$who" --name "net-$who" --interval 1s
	wait_for 60 grep -q 'sending to' "$work/net-$who.log"
done
background ping.log ip netns exec $ns ping -q -i 0.2 192.0.2.9
stacked='[.net.interfaces[] | select(.stacked) | .name] | sort == ["b0", "m0"]'
check "bridges and macvlans lie on others" wait_for 60 api nodes/net-a "$stacked"
check "a sum is of what lies on no other" wait_for 60 api nodes/net-a '.tx_bytes_per_s > 0 and
	.tx_bytes_per_s == ([.net.interfaces[] | select(.stacked | not) | .tx_bytes_per_s] | add)'
check "links say it, too" api nodes/net-a '[.link.links[] | select(.stacked) | .name] | sort == ["b0", "m0"]'
check "and facts" api nodes/net-a '.facts.stacked | sort == ["b0 p1", "m0 p0"]'
check "metrics: links that lie on others" wait_for 60 metric net-a '^ktach_network_stacked.*device="b0".* 1$'
check "another ktach is told to leave them" wait_for 60 grep -q 'another ktach counts them already' "$work/net-b.log"
check "what another ktach counts is read from /proc" wait_for 60 api nodes/net-b '[.net.interfaces[] | select(.tx_bytes > 0 and .tx_bytes_per_s != null) | .name] |
	index("p0") != null and index("m0") != null'
check "without bursts" api nodes/net-b '[.net.interfaces[] | has("tx_max_bucket_bytes")] | any | not'
ip -n $ns link set p1 nomaster
check "a bridge without ports lies on nothing" wait_for 60 api nodes/net-a '[.net.interfaces[] | select(.stacked) | .name] | sort == ["m0"]'

# --- packets that went to /proc come back; that is tried each 30 s
if [ "${LONG:-0}" = 0 ]; then
	skip "packets are counted by BPF once that can be had" "LONG=1 waits for it"
else
	umount "$work/bpf" # its programs stay, with those who hold them
	background late.log nsenter --net="/var/run/netns/$ns" "$B/ktach-shipper" --collector "127.0.0.1:$feed" \
		--state "$work/state-late" --pins "$work/bpf/late" --name late --include p1
	check "without a bpffs packets come from /proc" wait_for 60 api nodes/late '.net.origin == "proc"'
	mount -t bpf bpf "$work/bpf"
	check "packets are counted by BPF once that can be had" wait_for 60 grep -q 'counted by BPF from now on' "$work/late.log"
fi
done_testing
