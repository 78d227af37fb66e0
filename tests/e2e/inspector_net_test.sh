#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ktach and the packet counters, in two namespaces joined by a veth pair: rates,
# bursts and charts of what was sent, who else is at TC, and what is said when
# the counters go or are somewhere else.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
command -v iperf3 >/dev/null || skip_all "needs iperf3"
. tests/e2e/collector.sh
near=ktach-in-$$ far=ktach-if-$$
mkdir "$work/bpf" && mount -t bpf bpf "$work/bpf" || skip_all "no bpffs"
pins=$work/bpf/ktach
# leave: the counters are gone before their maps' folder is.
leave() {
	ip netns exec $near "$B/ktach-shipper" --detach --pins "$pins" 2>/dev/null
	ip netns del $near
	ip netns del $far
	umount "$work/bpf"
	finish
}
trap leave EXIT
ip netns add $near
ip netns add $far
ip -n $near link add v0 type veth peer name v1 netns $far
ip -n $near addr add 192.0.2.1/24 dev v0
ip -n $far addr add 192.0.2.2/24 dev v1
ip -n $near link set lo up
ip -n $near link set v0 up
ip -n $far link set v1 up

ktach() { ip netns exec $near "$B/bin/ktach" "$@" --pins "$pins"; }

ktach show net >"$work/out"
check "without counters it says who would count" \
	grep -q 'packets from /proc, without bursts: nothing counts them (start ktach-shipper)' "$work/out"
background shipper.log ip netns exec $near "$B/ktach-shipper" --pins "$pins" \
	--record 2 --state "$work/state"
shipper=$!
# v0's rates come with the second tick.
check "with ktach-shipper figures come from its table" \
	wait_for 10 eval 'ktach show net --json | jq -e ".net.interfaces[] | select(.name == \"v0\") | .origin == \"bpf\""'

# The kernel gives out /proc/net/dev in pieces of a page.
for i in $(seq 40); do ip -n $near link add a$i type veth peer name b$i; done
is "$(ktach show net --json --from proc | jq '.net.interfaces | length')" \
	"$(ip netns exec $near grep -c : /proc/net/dev)" "all of 80 interfaces are told of, from /proc"
check "and from the table" \
	wait_for 20 eval 'ktach show net --json | jq -e "[.net.interfaces[] | select(.name == \"a1\" or .name == \"b40\") | .origin] == [\"bpf\", \"bpf\"]"'
for i in $(seq 40); do ip -n $near link del a$i; done

background server.log ip netns exec $far iperf3 -s
wait_for 5 ip netns exec $near iperf3 -c 192.0.2.2 -n 1
background client.log ip netns exec $near iperf3 -c 192.0.2.2 -u -b 8M -l 1000 -t 8
client=$!
sleep 4
ktach show net --json >"$work/net.json"
as_documented() { python3 tests/e2e/inspector.py "$1" <"$2"; }
check "the answer is as documented" as_documented figures:net "$work/net.json"
# 8 Mbit/s of payload in packets of 1000 B and 42 B of headers.
check "the rate is what is sent, with its bursts" \
	jq -e '.net.interfaces[] | select(.name == "v0") | .tx_bytes_per_s > 700000 and .tx_bytes_per_s < 1400000 and
	.tx_packets_per_s > 700 and .tx_max_bucket_bytes >= 1042 and .tx_bytes_per_s_10s > 0 and
	.tx_device_bytes_per_s > 700000 and .tx_device_packets_per_s > 700' "$work/net.json"
jq -c '.net.interfaces[] | select(.name == "v0")' "$work/net.json" | sed 's/^/# /'
# A queue that lets 1 Mbit/s through drops or holds back the rest.
if ip netns exec $near tc qdisc replace dev v0 root tbf rate 1mbit burst 4kb limit 8kb 2>/dev/null; then
	sleep 1
	check "what the queueing discipline drops and holds back stands beside it" \
		holds '.net.interfaces[] | select(.name == "v0") | .qdisc_drops > 0 and .qdisc_backlog_bytes > 0' ktach show net --json
	ip netns exec $near tc qdisc del dev v0 root
else
	skip "what the queueing discipline drops stands beside it" "this kernel has no tbf"
fi
ktach show net --bursts --json >"$work/bursts.json"
check "the recorded bursts are as documented" as_documented bursts "$work/bursts.json"
check "two seconds of milliseconds, with what was sent" \
	jq -e '.interfaces[] | select(.name == "v0") | .tx_bytes | length >= 2000 and (add > 1000000) and (max >= 1042)' \
	"$work/bursts.json"
LC_ALL=C.UTF-8 ktach show net --bursts >"$work/chart"
check "and a chart of them" grep -q '^v0 tx  last 20[0-9][0-9] ms, largest 1 ms: [1-9]' "$work/chart"
check "with bars" grep -qE '\|.*(#|█)' "$work/chart"
ktach show net --bursts --csv >"$work/bursts.csv"
check "and a line each millisecond in CSV, without a gap" awk -F, '$1 == "v0" { gaps += n && $2 != last + 1; n++; last = $2 }
	END { exit gaps || n < 2000 }' "$work/bursts.csv"
ktach set bursts freeze v0
check "the recording is frozen on demand" \
	wait_for 5 eval 'ktach show net --bursts | grep -q "^v0 tx  frozen on demand, last"'
kept() { ktach show net --bursts --csv | grep '^v0,' | md5sum; }
is "$(sleep 1.5; kept)" "$(kept)" "and stays as it is"
check "all of them are let go on" holds '.frozen == false and .interfaces == ["v0"]' ktach set bursts run --json
check "and do" wait_for 5 eval 'ktach show net --bursts | grep -q "^v0 tx  last"'
ktach set bursts freeze nonsense 2>"$work/out"
is "$? $(grep -c "'nonsense' is not recorded" "$work/out")" "1 1" "an interface that is not recorded is said"
ktach sources >"$work/out"
check "the table is one of the sources" grep -qE '^net +1s' "$work/out"
tc -n $near qdisc show dev v0 2>/dev/null | grep -q clsact || tc -n $near qdisc add dev v0 clsact
tc -n $near filter add dev v0 egress prio 7 bpf bytecode '1,6 0 0 4294967295,' classid 1:1
ktach doctor --json >"$work/doctor.json"
check "the doctor sees who else is at TC" \
	holds '.checks[] | select(.name == "tc") | .text | test("v0 egress: a filter") and test("of ktach, 1 of others")' cat "$work/doctor.json"
check "and that the counters live" holds '.checks[] | select(.name == "packets") | .verdict == "ok"' cat "$work/doctor.json"
"$B/bin/ktach" show net --pins "$pins" >"$work/out"
check "from another namespace it says so, and reads its own /proc" \
	grep -q 'the rates are of another network namespace' "$work/out"
wait $client
kill $shipper
wait $shipper
ip netns exec $near "$B/ktach-shipper" --detach --pins "$pins" 2>"$work/out"
ktach show net >"$work/out"
check "when the counters are gone, /proc stands in again" grep -q 'nothing counts them' "$work/out"
done_testing
