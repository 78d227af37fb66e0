#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ktach in JSON and CSV, the API and /metrics tell the same of machines that lack
# something, and of ordinary ones: what is 0 for one is 0 for all, and what is not
# known to one is not known to any. The page tells the same, of four of them, or by
# LONG=1 of all.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# machine NAME: like the board of trees.sh, to be changed.
machine() { cp -a "$work/arm" "$work/m/$1"; }
bash tests/host/trees.sh arm "$work/arm"
bash tests/host/trees.sh odd "$work/odd"
mkdir "$work/m"
mv "$work/odd" "$work/m/odd-1"
machine plain
machine no-swap && sed -i 's/^\(Swap[TF][a-z]*:\).*/\1 0 kB/' "$work/m/no-swap/proc/meminfo"
machine swap-untold && sed -i '/^Swap/d' "$work/m/swap-untold/proc/meminfo"
machine old-meminfo && sed -i '/^MemAvailable\|^SReclaimable\|^Shmem\|^Huge/d' "$work/m/old-meminfo/proc/meminfo"
machine no-sensors && rm -r "$work/m/no-sensors/sys/class/"{hwmon,thermal,powercap}
machine no-disks && : >"$work/m/no-disks/proc/diskstats"
machine no-pressure && rm -r "$work/m/no-pressure/proc/pressure"
machine no-softirqs && rm "$work/m/no-softirqs/proc/softirqs"
machine no-interrupts && rm "$work/m/no-interrupts/proc/interrupts"
machine no-vmstat && rm "$work/m/no-vmstat/proc/vmstat"
machine no-softnet && rm -f "$work"/m/no-softnet/proc/{,1/}net/softnet_stat
machine old-disks && sed -i -E 's/^( *[0-9]+ +[0-9]+ [^ ]+( [0-9]+){11}).*/\1/' "$work/m/old-disks/proc/diskstats"
machine few-lines && printf 'pgfault 7\n' >"$work/m/few-lines/proc/vmstat" && sed -i '/^ctxt\|^procs_/d' "$work/m/few-lines/proc/stat"

collector_start
for tree in "$work"/m/*; do
	name=${tree##*/}
	[ "$name" = odd-1 ] || echo "$name" >"$tree/root/etc/hostname"
	background "$name.log" "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state-$name" \
		--proc-root "$tree/proc" --sys-root "$tree/sys" --root "$tree/root" --link-enabled no --sensor-interval 1s --pressure-interval 1s \
		--disk-interval 1s --core-interval 1s --process-interval 1s --interrupts-enabled yes --interrupts-interval 1s --interrupts-count 100
done
count=$(find "$work/m" -mindepth 1 -maxdepth 1 | wc -l)
check "$count machines are told of" wait_for 90 api nodes "[.nodes[] | select(.state == \"fresh\" and .received > 3)] | length == $count"
measured() {
	for tree in "$work"/m/*; do
		api "nodes/${tree##*/}" '.mount.mounts[0].size_bytes' || return
	done
}
check "mounts of all are measured" wait_for 60 measured
check "sensors are found" wait_for 60 api nodes/plain '.sensor.sensors | length > 1'
python3 tests/field/agree.py "http://$http" "$B/bin/ktach" docs/metrics.md "$work"/m/* >"$work/agree" 2>"$work/err"
ok $? "all were looked at" "$work/err"
relay "$work/agree"
if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
	skip "the page of each" "chromium is not installed"
	done_testing
fi
. tests/e2e/browser.sh
browser_install
pages=(odd-1 plain no-disks swap-untold)
[ -z "${LONG:-}" ] || mapfile -t pages < <(basename -a "$work"/m/*)
KTACH_PAGE="http://$http/" KTACH_MODULES=$(realpath "$modules") \
	node tests/field/agree_page.mjs "${pages[@]}" >"$work/page" 2>"$work/err"
ok $? "the page of each was looked at" "$work/err"
relay "$work/page" "page: "
done_testing
