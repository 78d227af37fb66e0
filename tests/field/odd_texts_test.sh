#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Texts and numbers of files as machines were seen to have them: blanks around names, names
# that are missing, numbers that are none; each costs itself only, and is not taken
# for 0 or for this machine's own.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
ktach=$(realpath "${B:-build}/bin/ktach")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash tests/host/trees.sh arm "$work/arm"
proc=$work/arm/proc sys=$work/arm/sys root=$work/arm/root
roots="--from proc --proc-root $proc --sys-root $sys --root $root"

# tells SUBJECT TEXT EXPRESSION
tells() {
	local interval=50ms answer
	[ "$1" != sensor ] || interval=500ms
	# shellcheck disable=SC2086 # several options
	answer=$("$ktach" show "$1" --json --interval $interval $roots 2>"$work/said")
	check "$2" jq -e "$3" <<<"$answer"
	jq -e "$3" <<<"$answer" >/dev/null || jq -c . <<<"$answer" | cut -c 1-900 | sed 's/^/# /'
}
put() { printf '%b' "$2" >"$1"; }

# --- names that are one once they are cleaned, or cut
long=$(printf 'x%.0s' {1..300})
n=70
for point in 'a\033b' 'a\001b' 'a?b' "$long-1" "$long-2"; do
	printf '%d 27 8:%d / /mnt/%b rw,relatime - ext4 /dev/sdz%d rw\n' $n $n "$point" $n
	n=$((n + 1))
done >>"$proc/1/mountinfo"
tells mount "mounts whose names differ in what is not shown are told apart" '[.mount.mounts[].point | select(startswith("/mnt/"))] |
	length == 5 and (unique | length == 5) and index("/mnt/a?b") != null and all(utf8bytelength < 256)'
n=0
for name in 'x\033y' 'x\001y' 'x?y'; do
	mkdir -p "$sys/block/dm-$n/dm"
	ln -s "../../block/dm-$n" "$sys/dev/block/253:$n"
	put "$sys/block/dm-$n/dm/name" "$name\n"
	put "$sys/block/dm-$n/size" '4000000\n'
	echo " 253 $n dm-$n 1 0 8 1 0 0 0 0 0 1 1 0 0 0 0 0 0" >>"$proc/diskstats"
	n=$((n + 1))
done
tells disk "so are disks" '[.disk.disks[].name | select(startswith("x"))] | length == 3 and (unique | length == 3) and index("x?y") != null'

# --- numbers that there cannot be
cp "$proc/loadavg" "$work/loadavg"
cp "$proc/stat" "$work/stat"
put "$proc/loadavg" '99999999999.00 0.10 0.20 1/100 42\n'
sed -i 's/^procs_running .*/procs_running 4294967296/' "$proc/stat"
tells load "a load, and tasks, of more than there can be are not known, the others are" '.load |
	.load_1min == null and .load_5min == 0.1 and .load_15min == 0.2 and .threads == 100 and .tasks_running == null'
# shellcheck disable=SC2086 # several options
check "nor is it a number to look at" told '^load +-  0.10  0.20 ' "$ktach" show load --interval 50ms $roots
put "$proc/loadavg" '0.30 -0.10 0.20 1/100 42\n'
tells load "nor is a load below 0, and the others are" '.load | .load_1min == 0.3 and .load_5min == null and .load_15min == 0.2'
cp "$work/loadavg" "$work/stat" "$proc"
sed -i 's/\( dm-2 1 0 8 1 0 0 0 0\) 0 /\1 -1 /' "$proc/diskstats"
tells disk "what is below 0 costs itself only" '.disk.disks[] | select(.name == "x?y") | .reads == 1 and .in_flight == null and .busy_ns == 1000000'

# --- chips without a name, or of a name that cannot be shown
n=70
for name in '\n' '' 'a\377\n' 'plain\n'; do
	mkdir -p "$sys/class/hwmon/hwmon$n"
	put "$sys/class/hwmon/hwmon$n/name" "$name"
	put "$sys/class/hwmon/hwmon$n/temp1_input" "${n}000\n"
	n=$((n + 1))
done
tells sensor "chips without a name are called as their folders" '[.sensor.sensors[] | select(.value >= 70 and .value <= 73) | .chip] |
	sort == ["hwmon70", "hwmon71", "hwmon72", "plain"]'

# --- what the distribution is called
put "$root/etc/os-release" 'NAME=Foo\nVERSION="1 (bar)"\n'
tells facts "a distribution without a name to be shown has name and version" '.facts.distribution == "Foo 1 (bar)"'
put "$root/etc/os-release" 'PRETTY_NAME="A \\"quoted\\" \\$name"\n'
tells facts "quotes within quotes are its own" '.facts.distribution == "A \"quoted\" $name"'
put "$root/etc/os-release" "PRETTY_NAME='Alpine Linux v3.19'"
tells facts "single quotes, and no newline" '.facts.distribution == "Alpine Linux v3.19"'

# --- whose it is
tells facts "what no file of it says is not told of this machine" '.facts | .architecture == null and .virtualisation == null and .time_zone == "Europe/Vienna"'
mkdir -p "$proc/sys/kernel"
put "$proc/sys/kernel/arch" 'aarch64\n'
tells facts "what its kernel was built for" '.facts.architecture == "aarch64"'
whole=$roots
roots="--proc-root $proc --sys-root $sys"
tells facts "where its root is not said nothing of ours is taken for it" '.host == null and (.facts | .cpu_model == "Arm Cortex-A72" and
	.host_name == null and .distribution == null and .virtualisation == null and .time_zone == null and .boot_id != null)'
tells process "nor are processes of this kernel its own" '.process.processes_all == 9'
tells process "nor their users" '[.process.processes[].user] | all(test("^[0-9]+$"))'
tells cpu "nor its CPUs" '.cpu.origin == "proc" and (.cpu.cpus | length) == 4'
tells mount "nor are file systems of this machine its own" '.mount.mounts | length > 4 and all(.size_bytes == null and .failed == false)'
check "which is told" grep -q 'mount: without --root.* no sizes are known' "$work/said"
# shellcheck disable=SC2086 # several options
"$ktach" show link --json --interval 50ms $roots >"$work/shown" 2>"$work/said"
is "$?, $(jq -c '.link' "$work/shown")" "1, " "nor interfaces, as netlink has ours only"
check "which is told, too" grep -q 'link: .* of another host; its interfaces cannot be asked' "$work/said"
roots="--proc-root $proc"
# A disk with the number of one that is here, with a size.
ours=$(grep -l '[1-9]' /sys/dev/block/*/size | head -n 1 | cut -d / -f 5)
echo " ${ours/:/ } same 1 0 8 1 0 0 0 0 0 1 1 0 0 0 0 0 0" >>"$proc/diskstats"
for subject in disk sensor core facts; do
	tells $subject "$subject: where its /sys is not said, ours is not taken for it" '[.. | objects | .size_bytes?, .hz?, .value?, .sockets?, .threads? | numbers] == []'
	check "$subject: which is told" grep -q 'nothing is told of what its /sys has: --sys-root says' "$work/said"
done
tells disk "disks are those of its /proc" '[.disk.disks[].name] | index("mmcblk0") != null and index("same") != null'
roots=$whole
put "$root/etc/hostname" ''
tells facts "a host without a name has none" '.facts.host_name == null and .host == null'
tells load "nor is it this machine, to any subject" '.host == null'
# shellcheck disable=SC2086
check "a dash stands for it" bash -c "'$ktach' --interval 50ms $roots | head -n 1 | grep -q '^-  Linux'"

release=$(cat "$proc/sys/kernel/osrelease")
rm "$proc/sys/kernel/osrelease"
tells load "nor is its kernel ours where it does not tell" '.kernel == null'
put "$proc/sys/kernel/osrelease" "$release\n"

# --- sensors
zone=$sys/class/thermal/thermal_zone1
put "$zone/type" 'x86_pkg_temp \n'
tells sensor "blanks behind a zone's type are none of it" '[.sensor.sensors[].label] | index("cpu") != null and all(endswith(" ") | not)'
put "$zone/type" '\n'
tells sensor "a zone without a type has its own name" '[.sensor.sensors[].label] | index("thermal_zone1") != null'
chip=$sys/devices/platform/odd/hwmon/hwmon9
mkdir -p "$chip" "$sys/class/hwmon"
ln -s "$chip" "$sys/class/hwmon/hwmon9"
put "$chip/name" 'my chip \n'
put "$chip/temp1_input" '2000'
put "$chip/temp1_label" '  \n'
tells sensor "a chip whose name has blanks is there" '.sensor.sensors[] | select(.chip == "my chip") | .label == "temp1" and .value == 2'

# --- numbers
put "$proc/pressure/cpu" 'some avg10=99.00 avg60=2.00 avg300=3.00 total=18446744073709551615\n'
tells pressure "a total beyond all sense costs itself only" '.pressure.cpu_some_10s == 0.99 and .pressure.cpu_some_ns == null'
find "$sys/devices/system/cpu" -name scaling_cur_freq -exec sh -c 'echo 0 >"$1"' - {} \;
tells core "0 Hz is no speed" '[.core.cores[]? | .hz] | all(. == null)'
put "$proc/meminfo" 'MemTotal: 0 kB\nMemAvailable: 0 kB\nMemFree: 0 kB\n'
tells memory "of no memory there is no share" '.memory.used == null and .memory.total_bytes == 0'
# shellcheck disable=SC2086
check "nor in words" bash -c "'$ktach' --interval 50ms $roots | grep -q '^memory *- % used'"

# --- what ends without an answer says why
rm "$sys"/class/net/*/ifindex
# shellcheck disable=SC2086
"$ktach" show net --interval 50ms $roots 2>"$work/said"
is "$?" 1 "without numbers of interfaces there is nothing to show"
check "that is said, and of which" grep -q 'no class/net/.*/ifindex' "$work/said"
check "and that nothing is told" grep -q 'tells nothing of what was asked for' "$work/said"
done_testing
