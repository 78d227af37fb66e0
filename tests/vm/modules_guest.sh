# SPDX-License-Identifier: GPL-2.0-or-later
# For guests that pack_modules made: source this after tap.sh.

# load [PARAMETER]...: the modules, both sources with these.
load() {
	insmod /ktach/ktach_aggregator.ko &&
		insmod /ktach/ktach_cpustat.ko "$@" &&
		insmod /ktach/ktach_softirq.ko "$@"
}

unload() {
	rmmod ktach_softirq && rmmod ktach_cpustat && rmmod ktach_aggregator
}

# alone COMMAND...: while no CPU but the first one runs. To attach and detach
# probes: see run.sh's -s, for guests whose CPUs do not take turns.
alone() {
	local cpu status off=
	for cpu in /sys/devices/system/cpu/cpu[1-9]*; do
		[ "$(cat "$cpu/online")" = 1 ] && echo 0 >"$cpu/online" && off="$off $cpu"
	done
	"$@"
	status=$?
	for cpu in $off; do echo 1 >"$cpu/online"; done
	return $status
}
