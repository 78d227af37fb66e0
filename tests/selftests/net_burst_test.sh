#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Are short bursts seen, in the right size, in the right place, and recorded?
# The sender says what it sent in each millisecond by its own clock: whatever
# the scheduler does to it, there is a truth to compare with.
# Runs alone
here=$(dirname "$0")
# shellcheck source=tests/selftests/net_lib.sh
. "$here/net_lib.sh"

# --- bursts ------------------------------------------------------------------

# Ticks of $tmp/$1 on $2: "MONO_NS MAX MAX_MS P99 AVG10 WINDOW RATE" of side $3.
ticks_of() {
	grep "^row $2 " "$tmp/$1" | awk -v side="$3" '
	$5 != last {
		last = $5
		for (i = 15; i <= NF; i++) {
			split($i, pair, "=")
			v[pair[1]] = pair[2]
		}
		print $5, v[side "_max"], v[side "_maxms"], v[side "_p99"],
		      v[side "_avg10"], v["window"], side == "rx" ? $9 : $13
	}'
}

# Each burst that was sent, beside the tick that judged its millisecond, if the
# table was printed in time: "SENT MAX P99 AVG10 OFF_MS SENT_P99". A tick judges
# what is over for 2 ms.
match_bursts() {
	awk 'BEGIN { n = 0 }
	NR == FNR {
		if ($1 == "burst") { at[n] = $4; size[n++] = $3 }
		if ($1 == "ms") ms[$2] = $3
		next
	}
	{
		end = int($1 / 1000000) - 1
		for (i = 0; i < n; i++)
			if (at[i] >= end - $6 && at[i] < end)
				print size[i], $2, $4, $5, $3 - at[i], p99(end - $6, end)
	}
	# Of the worst 100 ms; the last part has what is left over.
	function p99(from, to,   part, worst, end, next_end) {
		for (end = from; end < to; end = next_end) {
			next_end = to - end < 200 ? to : end + 100
			part = p99_of(end, next_end, to - from < 100)
			if (part > worst) worst = part
		}
		return worst + 0
	}
	# The second largest; the largest if there are less than 100.
	function p99_of(from, to, few,   j, first, second) {
		for (j = from; j < to; j++)
			if (ms[j] + 0 > first) {
				second = first
				first = ms[j] + 0
			} else if (ms[j] + 0 > second) {
				second = ms[j] + 0
			}
		return few ? first : second
	}' "$1" "$2"
}

# mostly CONDITION FILE: it holds in three of four lines, and there are four.
# The sender is not alone here: it may be held up between its
# look at the clock and the packet.
mostly() {
	awk "{ n++; if ($1) good++ }
	     END { print \"# \" good + 0 \" of \" n + 0; exit !(n >= 4 && good >= n * 3 / 4) }" "$2"
}

# test_burst TEXT SIDE TICK_MS COMMAND...: 4 packets a ms, and 80 a ms for 3 ms a second
test_burst() {
	text=$1
	side=$2
	tick_ms=$3
	shift 3
	start_table burst -p "$tick_ms" -i 20
	"$@" 8 4 20 3 >"$tmp/sent"
	prints burst $((tick_ms / 20 + 5))
	ticks_of burst c0 "$side" >"$tmp/ticks"
	match_bursts "$tmp/sent" "$tmp/ticks" >"$tmp/found"
	sed 's/^/# sent, max, p99, avg10, ms off, sent p99: /' "$tmp/found"
	check "$text: the largest bucket is right within 10 %" mostly '$2 > $1 * 0.9 && $2 < $1 * 1.1' "$tmp/found"
	check "$text: and in its millisecond" mostly '$5 >= -1 && $5 <= 1' "$tmp/found"
	check "$text: so is the 99th percentile" mostly '$3 > $6 * 0.9 && $3 < $6 * 1.1' "$tmp/found"
	check "$text: which is far above the average" mostly '$3 > $4 / 1000 * 3' "$tmp/found"
	check "$text: as is the largest" mostly '$4 < $1 * 1000 / 8' "$tmp/found"
	stop $table_pid
	detach
}

# --- averages ----------------------------------------------------------------

# What the averages must be, from the rates, in floating point. busybox's awk has
# no exp().
check_averages() {
	ticks_of "$1" c0 rx | wc -l >"$tmp/count"
	grep "^row c0 " "$tmp/$1" | awk '
	$5 == last || !$6 { next }
	{
		anew = $5 - last != $6 # the tick before was not printed
		last = $5
		for (i = 15; i <= NF; i++) {
			split($i, pair, "=")
			v[pair[1]] = pair[2]
		}
		ticks++
		if (!anew) compared++
		for (k = 1; k <= 3; k++) {
			t = k == 1 ? 1 : k == 2 ? 10 : 60
			a[k] += ($9 - a[k]) * (1 - power_of_e(-$6 / 1e9 / t))
			if (anew) a[k] = v["rx_avg" t]
			off = a[k] - v["rx_avg" t]
			if (off > a[k] / 100 + 2 || -off > a[k] / 100 + 2) bad++
		}
		if ($9) moving++
	}
	function power_of_e(x,   i, term, sum) {
		for (sum = term = i = 1; i < 30; i++)
			sum += term *= x / i
		return sum
	}
	END { print "# " ticks " ticks, " moving " with traffic, " bad + 0 " wrong"
	      exit !(compared > 10 && moving > 10 && ticks > moving && !bad) }'
}

test_averages() {
	start_table average -p 50 -i 10
	in_far "$bin/net_burst" d0 3 4 10 20 >/dev/null
	prints average 60
	check "moving averages are what floating point makes of the rates" check_averages average
	stop $table_pid
	detach
}

# --- recordings --------------------------------------------------------------

record() {
	in_near "$bin/net_record" "$pins" c0 "$1"
}

# from_to FILE KEY: the first and the last millisecond, to be shown.
from_to() {
	awk -v key="$2" '$1 == key { if (!n++) first = $2; last = $2 }
		END { print first + 0, "to", last + 0 }' "$1"
}

# The recording of the sender's time, ms by ms: "SENT RECORDED" sums. It holds
# more than the seconds that are sent: a slow machine takes longer.
test_recording() {
	start_table record -r 60 -p 100
	wait_for 10 has_row record c0
	in_far "$bin/net_burst" d0 3 4 20 3 >"$tmp/sent"
	prints record 20
	record show >"$tmp/recorded"
	buckets=$(sed -n 's/^buckets //p' "$tmp/recorded")
	check "the recording holds the last seconds" within 3001 "$buckets" 65536
	is "$(recorded_bytes)" "$(sed -n 's/^all //p' "$tmp/sent")" \
		"all bytes that were sent are in it"
	awk 'NR == FNR { if ($1 == "bucket") b[$2] = $3; next }
	     $1 == "burst" { for (d = -1; d <= 1; d++)
		if (b[$4 + d] > best[$4]) best[$4] = b[$4 + d]
		print $3, best[$4] }' "$tmp/recorded" "$tmp/sent" >"$tmp/found"
	sed 's/^/# sent, recorded: /' "$tmp/found"
	check "and the bursts where they were" awk '{ n++; if ($2 > $1 * 0.9 && $2 < $1 * 1.1) good++ }
	     END { exit !(n == 3 && good >= 2) }' "$tmp/found"
	test_freeze
	stop $table_pid
	detach
}

recorded_bytes() {
	record show | awk '$1 == "bucket" { n += $3 } END { printf "%.0f", n }'
}

# Milliseconds of all CPUs come together: nothing is lost where they meet.
test_together() {
	if [ "$(nproc)" -lt 2 ] || ! command -v taskset >/dev/null; then
		skip "buckets of two CPUs come together" "one CPU, or no taskset"
		return
	fi
	start_table record -r 60 -p 100
	wait_for 10 has_row record c0
	in_far taskset -c 0 "$bin/net_burst" d0 3 4 20 3 >"$tmp/sent0" &
	in_far taskset -c 1 "$bin/net_burst" d0 3 4 20 3 >"$tmp/sent1"
	wait $!
	prints record 20
	is "$(recorded_bytes)" "$(cat "$tmp/sent0" "$tmp/sent1" |
		awk '$1 == "all" { n += $2 } END { printf "%.0f", n }')" \
		"buckets of two CPUs come together"
	record show >"$tmp/recorded"
	echo "# recorded: $(from_to "$tmp/recorded" bucket), sent: $(from_to \
		"$tmp/sent0" ms), $(from_to "$tmp/sent1" ms)"
	awk '
	$1 == "ms" { sent[$2] += $3 }
	$1 == "bucket" { ms++; off = $3 - sent[$2]
			 if (off > 2000 || off < -2000) bad++ }
	END { print "# " bad + 0 " of " ms " buckets off by more than 2 packets"
	      exit !(ms > 100 && bad < ms / 4) }' "$tmp/sent0" "$tmp/sent1" \
		"$tmp/recorded"
	ok $? "each in its millisecond"
	stop $table_pid
	detach
}

is_cause() {
	record show | grep -qx "cause $1"
}

test_freeze() {
	record freeze
	check "it freezes on demand" wait_for 10 is_cause 1
	record show >"$tmp/frozen"
	in_far "$bin/net_send" d0 10 4 udp 1000 0 0 >/dev/null
	prints record 20
	is "$(record show | diff - "$tmp/frozen" | head -n 5)" "" "and keeps what it had"
	record run
	check "it runs again" wait_for 10 is_cause 0
	in_far "$bin/net_send" d0 10 4 udp 1000 0 0 >"$tmp/sent"
	prints record 20
	is "$(recorded_bytes)" "$(cut -d ' ' -f 1 "$tmp/sent")" "with what came since, alone"
}

# veth is a link of 10 Gbit/s: 12500 bytes are a hundredth of what 1 ms takes.
test_threshold() {
	start_table over -r 2 -p 100 -o 1 -f
	wait_for 10 has_row over c0
	is "$(row over c0 | key rx_limit)" 12500 \
		"the threshold is a share of the link's speed"
	in_far "$bin/net_send" d0 10 4 udp 1000 0 0 >/dev/null
	prints over 20
	is "$(row over c0 | key rx_overs)" 0 "a small bucket is not counted"
	check "and freezes nothing" is_cause 0
	in_far "$bin/net_burst" d0 1 4 20 3 >"$tmp/sent"
	prints over 20
	overs=$(row over c0 | key rx_overs)
	awk -v overs="$overs" '$1 == "ms" && $3 > 11500 { most++ }
		$1 == "ms" && $3 > 13500 { least++ }
		END { exit !(least > 1 && overs >= least && overs <= most) }' \
		"$tmp/sent"
	ok $? "larger ones are counted"
	echo "# $overs, sent: $(awk '$1 == "ms" && $3 > 12500' "$tmp/sent" | wc -l)"
	check "and freeze the recording" wait_for 10 is_cause 2
	check "which has them" eval 'record show | awk "\$1 == \"bucket\" && \$3 > 12500 { n++ } END { exit !n }"'
	is "$(row over a0 | key rx_overs)" 0 "another interface has none"
	stop $table_pid
	detach
}

recorded_is() {
	[ "$(recorded_bytes)" = "$1" ]
}

# An interface that is quiet for longer than the ring lasts starts from empty. It
# is looked at at once: the recording lasts no longer.
test_quiet() {
	start_table quiet -p 100 -r 2
	wait_for 10 has_row quiet c0
	in_far "$bin/net_send" d0 20 4 udp 1000 0 0 >/dev/null
	sleep 2.5
	is "$(row quiet c0 | key rx_max)" 0 "a quiet tick has no bucket"
	in_far "$bin/net_send" d0 10 4 udp 1000 0 0 >/dev/null
	check "what comes after it is recorded, and nothing old" wait_for 10 recorded_is 10460
	stop $table_pid
	detach
}

# -----------------------------------------------------------------------------

make_topology 2>/dev/null || skip_all "no network namespaces with veth"
start_table main || skip_all "no BPF: $(head -n 1 "$tmp/main.log")"
stop $table_pid
detach
test_burst "in, ticks of 1 s" rx 1000 in_far "$bin/net_burst" d0
test_burst "out, ticks of 100 ms" tx 100 in_near "$bin/net_burst" c0
test_averages
test_recording
test_together
test_threshold
test_quiet
done_testing
