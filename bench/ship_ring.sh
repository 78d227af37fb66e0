#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: ship_ring.sh, or make bench-ship-ring
# What 100 samples a second from the rings, shipped once a second, cost a machine,
# next to collectd with one sample a second, and to the leanest agent that reads
# /proc/stat and /proc/softirqs, ten times a second; and how a sample's cost grows
# with the CPUs. In guests whose clock counts instructions (run.sh -i): what all
# CPUs execute is counted, the kernel's timers and the sending, too; what a guest
# costs that does nothing is taken off. The guests' CPUs sleep unless an agent
# runs, as most machines' do. At last the system calls of a sample, at one a second.
# SECONDS_EACH: of the guest's clock, in place of 100.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}
seconds=${SECONDS_EACH:-100}

# Older kernels don't boot with several CPUs that take turns: see run.sh.
kernel=$(tests/vm/kernel.sh bookworm "6.12-$(dpkg --print-architecture)") || exit 1
. tests/vm/modules.sh
. bench/agents.sh
${CC:-cc} -O2 -static -o "$B/bench/lean" bench/lean.c || exit 1

strace=()
command -v strace >/dev/null && strace=("$(command -v strace)")
# Programs and files alike are found in the guest's /bin.
collectd=()
if [ -x "$root/usr/sbin/collectd" ]; then
	cat >"$work/collectd.conf" <<-END
		BaseDir "/tmp"
		PIDFile "/tmp/collectd.pid"
		PluginDir "/bin"
		TypesDB "/bin/types.db"
		Interval 1
		Hostname "guest"
		FQDNLookup false
		$(printf 'LoadPlugin %s\n' cpu load memory disk interface network)
		<Plugin network>
		Server "127.0.0.1" "24760"
		</Plugin>
	END
	collectd=("$root/usr/sbin/collectd" "$work/collectd.conf" "$root/usr/share/collectd/types.db"
		"$root"/usr/lib/collectd/{cpu,load,memory,disk,interface,network}.so)
else
	echo "# collectd is not among this Debian's packages: left out"
	libs=
fi
for source in $("$B/ktach-shipper" --help | sed -n '/^Sources/,/^$/s/^      \([a-z]*\) .*/\1/p'); do
	case $source in
	cpu | softirq) ;;
	*) echo "--$source-enabled no" ;;
	esac
done >"$work/shipper_options"
LD_LIBRARY_PATH=$libs pack_modules bench/ship_ring_guest.sh "" "$B/bench/ship_ring" \
	"$B/bench/lean" "$B/ktach-shipper" "$work/shipper_options" "${strace[@]}" "${collectd[@]}"
[ "$tap_failed" -eq 0 ] || exit 1

# cost CPUS NAME: instructions a second, less those of a guest that does nothing.
cost() {
	awk -v name="$2" '$1 != "cost" { next }
		$2 == "nothing" { less = $3 } $2 == name { print $3 - less; exit }' "$work/$1"
}

guest() {
	echo "# booting a guest of $1 CPUs, Linux $KVER"
	boot_modules -c "$1" -M 2G -t 3000 -m AuthenticAMD,-erms,-fsrm -i \
		-k "tsc=reliable clocksource=tsc" -a "$seconds,$libs"
	grep -E '^(cost|calls) ' "$work/console" >"$work/$1"
	[ "$status" -eq 0 ] && [ -n "$(cost "$1" lean)" ] && [ -n "$(cost "$1" shipper)" ] || {
		cat "$work/console"
		echo "the guest of $1 CPUs ended with status $status" >&2
		exit 1
	}
	for name in lean collectd rings shipper; do
		printf '%3d CPUs: %-9s %9s instructions a second\n' "$1" $name "$(cost "$1" $name)"
	done
}

# bar NAME VALUE LIMIT: at most.
bar() {
	awk -v n="$1" -v v="$2" -v l="$3" 'BEGIN { printf "BAR %s %.3f %s %s\n", n, v, l, v <= l ? "ok" : "short" }'
}

# growth NAME SAMPLES: instructions a sample and CPU.
growth() {
	awk -v a="$(cost 4 "$1")" -v b="$(cost 64 "$1")" -v n="$2" 'BEGIN { print (b - a) / 60 / n }'
}

for cpus in 4 16 64; do
	guest $cpus
done
[ -z "$libs" ] || for cpus in 4 16 64; do
	bar "ship-ring-over-collectd-${cpus}cpus" "$(awk -v a="$(cost $cpus shipper)" \
		-v b="$(cost $cpus collectd)" 'BEGIN { print a / b }')" 1
done
echo "# a sample costs $(growth shipper 100) more instructions for each CPU, the /proc agent's $(growth lean 10)"
# More than the agent's whole growth, if that was lost in what else the guests did.
bar ship-ring-growth-over-proc "$(awk -v a="$(growth shipper 100)" -v b="$(growth lean 10)" \
	'BEGIN { print (a > 0 && b > 0 ? a / b : 1) }')" 0.1
calls=$(awk '$1 == "calls" { print $2 }' "$work/4")
[ -z "$calls" ] || bar ship-ring-system-calls-a-sample "$calls" 3
