#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What exact times (timing=1, --ring-timing) cost: `perf bench sched messaging` with and
# without them, in a guest of one CPU whose clock counts instructions, a ns each.
# ROUNDS of each.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}

perf=$(command -v perf) || { echo "perf is not installed (linux-perf)" >&2; exit 1; }
kernel=$(tests/vm/kernel.sh bookworm "6.12-$(dpkg --print-architecture)") || exit 1
. tests/vm/modules.sh
pack_modules bench/switch_guest.sh "" "$perf" "$B/ktach-shipper"
[ "$tap_failed" -eq 0 ] || exit 1
echo "# booting a guest of one CPU, Linux $KVER"
boot_modules -c 1 -t 550 -M 2G -m AuthenticAMD,-erms,-fsrm -i -k "tsc=reliable clocksource=tsc" -a "${ROUNDS:-3}"
grep '^# ' "$work/console"
[ "$status" -eq 0 ] || {
	cat "$work/console"
	exit 1
}
