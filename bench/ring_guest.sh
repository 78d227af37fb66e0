# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run NAME.
insmod /ktach/ktach_aggregator.ko && insmod /ktach/ktach_cpustat.ko &&
	insmod /ktach/ktach_softirq.ko && ring "$1"
