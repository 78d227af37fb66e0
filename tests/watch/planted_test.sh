#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rules that ktach comes with, but for their patience: each fires when what it is about
# is planted, says so in its words, and is over when that is. A machine of files (machine.py)
# has what a host can't be made to have here: stolen time, disks that are slow, fans that stand
# still. LONG=1 also plants on this host: a full tmpfs, a file system that hangs, zombies,
# processes that nobody can kill, a clock that is off.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare -m "$0" 2>/dev/null || skip_all "no mounts of our own: run as root"
. tests/e2e/collector.sh

mkdir "$work/rules" "$work/m"
"$B/ktach-collector" rules | sed 's/^for = .*/for = 1s/; s/^keep = .*/keep = 1s/; s/^silent = .*/silent = 1h/
	s/^within = .*/within = 20s/; s/^window = .*/window = 4s/' >"$work/rules/all.rules"
bash tests/host/trees.sh moving "$work/m" || exit
mkdir -p "$work/m/plant" "$work/m/sys/class/hwmon/hwmon1"
echo nct6798 >"$work/m/sys/class/hwmon/hwmon1/name"
echo 80000 >"$work/m/sys/class/hwmon/hwmon1/temp1_max"
echo 95000 >"$work/m/sys/class/hwmon/hwmon1/temp1_crit"
background machine.log python3 tests/watch/machine.py "$work/m"
check "a machine lives" wait_for 30 test -s "$work/m/sys/class/hwmon/hwmon1/fan1_input"

# fires NODE RULE TEXT: it says that (a regular expression).
fires() { api alerts --arg n "$1" --arg r "$2" --arg t "$3" '.firing | any(.name == $n and .rule == $r and (.text | test($t)))'; }
over() { api 'alerts?past=1000' --arg n "$1" --arg r "$2" '(.past | any(.name == $n and .rule == $r)) and (.firing | all(.name != $n or .rule != $r))'; }

# What is planted, by whose rule, and what that says.
plants='steal:cpu-stolen:^the hypervisor keeps [2-9][0-9]\.[0-9] % of its CPUs
softirq:softirq-flood:^a CPU is busy with softirqs (8[0-9]|9[0-9]|100)\.[0-9] % of the time$
cpu-pressure:cpu-pressure:^tasks wait for a CPU [89][0-9]\.[0-9] % of the time$
memory:memory-full:^99\.[0-9] % of its memory is in use$
memory-pressure:memory-pressure:^all tasks wait for memory [45][0-9]\.[0-9] % of the time$
oom:oom-kill:^processes are killed for want of memory$
swap:swap-full:^2\.0 GiB of swap are in use$
swapping:swapping:^[0-9.]+ MiB/s come back from swap$
disk-busy:disk-saturated:^sd[ab] is busy (9[5-9]|100)\.[0-9] % of the time$
disk-slow:disk-slow:^a request of sd[ab] takes [5-9][0-9][0-9] ms$
io-pressure:io-pressure:^all tasks wait for I/O [89][0-9]\.[0-9] % of the time$
drops:packets-dropped:^packets that a CPU drops for want of room: [0-9.]+/s$
fan:fan-stopped:^a fan of nct6798.* stands still$
hot:hot:^nct6798.* is at 83 °C: it is to stay below 80 °C$'

collector_start --rules "$work/rules"
background machine-shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --name machine --no-net --state "$work/state-machine" \
	--proc-root "$work/m/proc" --sys-root "$work/m/sys" --root "$work/m/root" --link-enabled no --mount-enabled no --interval 300ms \
	--memory-interval 300ms --pressure-interval 300ms --disk-interval 300ms --core-interval 300ms --sensor-interval 300ms
check "it is there" wait_for 30 api nodes/machine '.state == "fresh" and (.sensor.sensors | length) > 1 and .memory.used != null and (.disk.disks | length) == 2'
frames=$(api nodes/machine | jq .received)
check "and sends" wait_for 30 api nodes/machine ".received >= $frames + 15"
check "one that is well has no alarm, whatever patience there is" api nodes/machine '.alarms == [] and .health.state == "ok" and .health.score == 100'
while IFS=: read -r plant _; do touch "$work/m/plant/$plant"; done <<<"$plants"
while IFS=: read -r plant rule text; do
	check "$plant: $rule fires, and says so" wait_for 30 fires machine "$rule" "$text"
done <<<"$plants"
touch "$work/m/plant/busy" "$work/m/plant/too-hot"
rm "$work/m/plant/steal"
check "busy: cpu-busy fires" wait_for 30 fires machine cpu-busy '^all CPUs are busy: (9[5-9]|100)\.[0-9] %$'
check "too-hot: so does that" wait_for 30 fires machine too-hot '^nct6798.* is at 99 °C: its limit is 95 °C$'
check "the machine is critical, and its score is 0" api nodes/machine '.health.state == "critical" and .health.score == 0'
check "its reasons are the worst ones" api nodes '.nodes[] | select(.name == "machine").health.reasons | length == 3 and any(test("OOM|killed|wait for memory|is at 99"))'
check "the fleet says that it needs attention" api cluster '.health.critical == 1 and .attention[0].name == "machine" and .attention[0].health.score == 0'
check "so does /metrics" grep -q '^ktach_node_health_state{instance="machine".*,state="critical"} 1$' <(curl -fs "http://$http/metrics")
rm "$work/m/plant/"*
while IFS=: read -r plant rule _; do
	check "$plant: $rule is over" wait_for 30 over machine "$rule"
done <<<"$plants"
check "cpu-busy is over" wait_for 30 over machine cpu-busy
check "too-hot is over" wait_for 30 over machine too-hot
check "and the machine is well" wait_for 30 api nodes/machine '.health.state == "ok" and .health.score == 100 and .health.reasons == []'
[ -z "${LONG:-}" ] || . tests/watch/host_plants.sh
done_testing
