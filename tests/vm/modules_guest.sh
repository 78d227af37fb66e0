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
