# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced: a tick of many interfaces, on this system or in a guest. Everything is in
# the network namespace of the caller; PATH has what is called.

# tick_pairs COUNT: veth pairs a1 b1, a2 b2, ...
tick_pairs() {
	# No neighbours are looked for, and none answer.
	for c in all default; do
		f=/proc/sys/net/ipv6/conf/$c/disable_ipv6
		[ ! -e $f ] || echo 1 >$f
	done
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "link add a%d type veth peer name b%d\nlink set a%d up\nlink set b%d up\n", i, i, i, i }' |
		${IP:-ip} -batch -
}

# tick_measure PINS COUNT ROUNDS: all of COUNT interfaces send and receive; prints
# the last tick's cost and the longest callback, in ns. Nobody prints the table,
# which is most of the work where there are thousands.
tick_measure() {
	net_table -c -P "$1" -n "$2" -I '[ab]*' -p 1000 -i 3600000 >/dev/null 2>/tmp/tick.$$.log &
	table=$!
	tries=6000
	until [ "$(head_of "$1" 4)" = "$2" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && [ -e /proc/$table ] || break
		sleep 0.2
	done
	kill $table
	wait $table 2>/dev/null
	[ "$(head_of "$1" 4)" = "$2" ] || echo "of $2 interfaces $(head_of "$1" 4) are counted" >&2
	flood 600 a "$3" >&2 && flood 600 b "$3" >&2
	sleep 2
	flood 600 a "$3" >&2 && flood 600 b "$3" >&2
	before=$(head_of "$1" 1)
	until [ "$(head_of "$1" 1)" -gt "$before" ]; do sleep 0.1; done
	head_of "$1" 2,3
	net_table -P "$1" -d >&2
	tail -n 3 /tmp/tick.$$.log >&2
	rm -f /tmp/tick.$$.log
}

# head_of PINS FIELDS
head_of() {
	tc_head "$1" 2>/dev/null | cut -d ' ' -f "$2"
}
