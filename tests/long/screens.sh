#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ktach and the API tell of this host beside what htop and iftop show of it, under
# a load of stress-ng and a paced sender: CPUs, memory, a process, an interface.
# Runs alone: its rates are of the same time only as far as nothing delays it.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "interfaces of its own need root"
for tool in htop iftop stress-ng iperf3 tmux; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
. tests/e2e/collector.sh
. tests/e2e/tmux.sh
here=ktsca$$ there=ktscb$$
trap 'tmux -S "$tmux_socket" kill-server 2>/dev/null; finish; ip netns del $here 2>/dev/null; ip netns del $there 2>/dev/null' EXIT
ip netns add $here && ip netns add $there &&
	ip -n $here link add net0 type veth peer name net1 netns $there &&
	ip -n $here addr add 192.0.2.1/30 dev net0 && ip -n $there addr add 192.0.2.2/30 dev net1 &&
	ip -n $here link set net0 up && ip -n $there link set net1 up ||
	skip_all "namespaces and veth interfaces are not to be had"

# near TEXT OURS THEIRS BOUND: they are no further apart; numbers, please.
near() { check "$1: $2 beside $3" awk -v a="$2" -v b="$3" -v most="$4" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a != "" && b != "" && d <= most) }'; }
mean() { awk '{ n += $1 } END { if (NR) printf "%.1f\n", n / NR }'; }
watch() { "$B/bin/ktach" show "$1" --json --from proc --interval "${2:-1s}"; }

collector_start
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state" --name host --process-interval 2s
background load.log stress-ng --cpu 1 --cpu-load 60 --vm 1 --vm-bytes 300m --vm-keep
terminal 120 40 "env HOME=$work htop --no-color --delay 10"
check "htop shows its meters" wait_for 20 shows '^ *0\[.*%\]'
sleep 3 # loads have begun
# Each CPU's bar ends with its share.
for _ in $(seq 10); do
	screen | sed -nE 's/.*[^0-9.]([0-9.]+)%\].*/\1/p' >>"$work/htop"
	sleep 1
done &
reader=$!
"$B/bin/ktach" watch cpu --csv --from proc --interval 1s --count 10 2>/dev/null | awk -F, '$3 == "all" && $4 != "" { print 100 * $4 }' >"$work/ktach" &
ktach=$!
for _ in $(seq 20); do
	api nodes/host | jq '100 * .cpu.busy' >>"$work/api"
	sleep 0.5
done
wait $reader $ktach
cpu=$(mean <"$work/htop")
near "htop's CPUs and ktach's, %" "$(mean <"$work/ktach")" "$cpu" 6
near "and the API's" "$(mean <"$work/api")" "$cpu" 6
# What htop calls used; it shows three digits or four, in whatever unit they fit.
meter() { screen | sed -nE "s#^ *Mem\[$1\].*#\1#p" | gib; }
gib() {
	awk '{
		power = index("KMGTPE", substr($1, length($1)))
		if (power && $1 + 0 > 0) print ($1 + 0) * 1024 ^ (power - 3)
	}'
}
compare_used() {
	local used ours
	used=$(meter '.*[| ]([0-9.]+[A-Z])/.*')
	ours=$(watch mem | jq '.memory | (.total_bytes - .free_bytes - .cached_bytes - .reclaimable_bytes - .buffers_bytes) / 1073741824')
	near "htop's memory in use$1, GiB" "$ours" "$used" 0.1
}
is "$(printf '%s\n' 524288K 512M 0.50G | gib | xargs)" "0.5 0.5 0.5" "htop's units are read"
compare_used ""
# Once more where it is shown in another unit, perhaps.
background much.log stress-ng --vm 1 --vm-bytes 2g --vm-keep --vm-method zero-one
much=${pids[-1]}
resident() { ps -C stress-ng-vm -o rss= | awk '$1 > 2000000 { found = 1 } END { exit !found }'; }
if [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 4000000 ] && wait_for 20 resident; then
	sleep 2 # htop looks once a second
	compare_used ", with 2 GiB more"
else
	skip "htop's memory in use, with 2 GiB more" "there is not that much"
fi
kill "$much" 2>/dev/null
total=$(meter '.*/([0-9.]+[A-Z])')
near "all of it, GiB" "$(watch mem | jq '.memory.total_bytes / 1073741824')" "$total" 0.06
near "and the API's" "$(api nodes/host | jq '.memory.total_bytes / 1073741824')" "$total" 0.06
# The process that the load is: htop sorts by CPU.
for _ in $(seq 6); do
	screen | awk '/stress-ng-cpu/ { print $9; exit }' >>"$work/htop.process"
	sleep 1
done &
reader=$!
share=$(watch process 6s | jq '[.process.processes[] | select(.name | startswith("stress-ng-cpu"))][0].cpu_share * 100')
wait $reader
near "a process, % of a CPU" "$share" "$(mean <"$work/htop.process")" 12
terminal_end
kill "${pids[-1]}" 2>/dev/null

# --- an interface: iftop counts bytes from the IP header on, the interface 14 more a packet
background server.log ip netns exec $there iperf3 -s
sleep 1
background sender.log ip netns exec $here iperf3 -c 192.0.2.2 -u -b 8M -t 60
sleep 2
ip netns exec $here iftop -t -s 10 -i net0 -nNPB >"$work/iftop" 2>/dev/null &
iftop=$!
ip netns exec $here "$B/bin/ktach" show net --json --from proc --interval 10s |
	jq '.net.interfaces[] | select(.name == "net0") | (.tx_bytes_per_s - 14 * .tx_packets_per_s) / 1000' >"$work/net"
wait $iftop
# Of the last 2 s, in kB of 1024: its averages over more begin with nothing.
sent=$(sed -nE 's/^Total send rate: +([0-9.]+[KMG])B.*/\1/p' "$work/iftop" | gib | awk '{ print $1 * 1073741.824 }')
near "iftop's rate, kB/s" "$(cat "$work/net")" "$sent" "$(awk -v s="${sent:-0}" 'BEGIN { print s * 0.15 }')"
done_testing
