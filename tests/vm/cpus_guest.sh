# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest of four CPUs, one of them isolated, as /test/run idle SECONDS:
# whom the modules wake; or as /test/run busy SECONDS COPIES: where the timers go,
# exact times, and readers against a fast writer.
. /test/tap.sh
. /test/modules_guest.sh

idle() {
	ring_idle /ktach "$1"
}

busy() {
	check "the modules load" load
	ring_torn "$2"
	ring_move
	echo 4096 >/sys/class/ktach/cpustat/slots
	ring_return "$3" 2
	check "the modules unload, to load again" unload
	check "the modules load with timing=1" alone load timing=1
	ring_timing "$1"
	check "the modules unload" alone unload
	done_testing
}

"$@"
