# SPDX-License-Identifier: GPL-2.0-or-later
# In an idle guest, as /test/run SECONDS QUIET PHASE...: what the kernel counts in so
# many seconds of each phase, QUIET seconds after its beginning, as lines "@PHASE
# NAME VALUE". A phase starts what it is called by, beside what runs: off (nothing),
# modules, collector, shipper, or several with + between them; but for off, ktach is
# asked how idle it is, and mpstat is each time. "@all frames" is how many the
# collector took.
seconds=$1 quiet=$2
shift 2

# What is counted so far: name and value, a line each.
counted() {
	awk '
	FILENAME == "/proc/stat" && /^cpu[0-9]/ {
		for (i = 2; i <= 9; i++) total += $i
		iowait += $6
		busy += $2 + $3 + $4 + $7 + $8
		if ($6 > most) most = $6
	}
	/^ctxt|^processes / && FILENAME == "/proc/stat" { print $1, $2 }
	/^intr|^softirq/ && FILENAME == "/proc/stat" { print $1, $2 }
	FILENAME == "/proc/interrupts" && $1 == "LOC:" { for (i = 2; $i ~ /^[0-9]+$/; i++) timers += $i }
	FILENAME == "/proc/interrupts" && $1 ~ /^(RES|CAL):$/ { for (i = 2; $i ~ /^[0-9]+$/; i++) calls += $i }
	FILENAME == "/proc/pressure/io" && $1 == "some" { sub("total=", "", $5); print "io_pressure_us", $5 }
	FILENAME == "/proc/vmstat" && /^pgpg(in|out) / { print $1, $2 }
	END {
		print "ticks", total; print "iowait_ticks", iowait; print "busy_ticks", busy
		print "timers", timers; print "calls", calls
	}' /proc/stat /proc/interrupts /proc/pressure/io /proc/vmstat
}

# Of what is there now.
held() {
	awk '
	$1 == "Cached:" { print "page_cache_kb", $2 }
	$1 == "MemAvailable:" { print "available_kb", $2 }
	FILENAME ~ /entropy/ { print "entropy_bits", $1 }
	' /proc/meminfo /proc/sys/kernel/random/entropy_avail
}

# blocked: procs_blocked now.
blocked() {
	while read -r name value; do
		[ "$name" != procs_blocked ] || echo "$value"
	done </proc/stat
}

# share NAME: of all CPUs' time, per cent, as ktach had it.
share() {
	grep -o "\"$1\":[0-9.e-]*" /tmp/ktach | head -n 1 | awk -F: '{ print 100 * $2 }'
}

# ask PHASE: mpstat and, but for off, ktach about the same seconds, beside us.
ask() {
	mpstat "$seconds" 1 >/tmp/mpstat &
	asked=$!
	[ "$1" = off ] || ktach watch cpu --interval "${seconds}s" --count 1 --json >/tmp/ktach &
	asked="$asked $!"
}

# said PHASE: what mpstat and ktach make of the same seconds.
said() {
	awk -v p="@$1" '$1 == "Average:" && $2 == "all" {
		print p, "mpstat_iowait_percent", $6
		print p, "mpstat_idle_percent", $NF
		printf "%s mpstat_busy_percent %.2f\n", p, 100 - $6 - $NF
	}' /tmp/mpstat
	[ "$1" != off ] || return
	echo "@$1 ktach_iowait_percent $(share iowait)"
	echo "@$1 ktach_idle_percent $(share idle)"
	echo "@$1 ktach_busy_percent $(share busy)"
	echo "@$1 ktach_origin $(grep -o '"origin":"[a-z]*"' /tmp/ktach | head -n 1 | cut -d '"' -f 4)"
}

# agreed FILE: are shares that said() wrote there within half of what the test allows?
agreed() {
	awk '{ v[$2] = $3 } END { exit !(near("idle") && near("busy")) }
	function near(name, d) {
		d = v["mpstat_" name "_percent"] - v["ktach_" name "_percent"]
		return d <= 2.5 && d >= -2.5
	}' "$1"
}

# agree PHASE: on a busy host the two begin, and end, further apart than they are in
# what they say; but not each time.
agree() {
	n=0
	said "$1" >/tmp/said
	while [ "$1" != off ] && ! agreed /tmp/said && [ $n -lt 10 ]; do
		ask "$1"
		wait $asked
		said "$1" >/tmp/said
		n=$((n + 1))
	done
	cat /tmp/said
}

measure() {
	sleep "$quiet" # what was started, the kernel too, is done with its start
	ask "$1"
	counted >/tmp/before
	n=0
	while [ $n -lt "$seconds" ]; do
		sleep 1
		blocked
		n=$((n + 1))
	done >/tmp/blocked
	counted >/tmp/after
	held >/tmp/held
	wait $asked
	agree "$1"
	awk -v p="@$1" -v s="$seconds" '
	FILENAME == "/tmp/before" { before[$1] = $2 }
	FILENAME == "/tmp/after" { d[$1] = $2 - before[$1] }
	FILENAME == "/tmp/held" { print p, $1, $2 }
	FILENAME == "/tmp/blocked" { blocked += $1; n++ }
	END {
		printf "%s iowait_percent %.3f\n", p, 100 * d["iowait_ticks"] / d["ticks"]
		printf "%s busy_percent %.3f\n", p, 100 * d["busy_ticks"] / d["ticks"]
		printf "%s io_pressure_percent %.3f\n", p, d["io_pressure_us"] / s / 10000
		printf "%s procs_blocked %.3f\n", p, blocked / n
		printf "%s context_switches_per_s %.1f\n", p, d["ctxt"] / s
		printf "%s interrupts_per_s %.1f\n", p, d["intr"] / s
		printf "%s timer_interrupts_per_s %.1f\n", p, d["timers"] / s
		printf "%s calls_between_cpus_per_s %.1f\n", p, d["calls"] / s
		printf "%s softirqs_per_s %.1f\n", p, d["softirq"] / s
		printf "%s forks_per_s %.1f\n", p, d["processes"] / s
		printf "%s paged_in_kb_per_s %.1f\n", p, d["pgpgin"] / s
		printf "%s paged_out_kb_per_s %.1f\n", p, d["pgpgout"] / s
	}' /tmp/before /tmp/after /tmp/held /tmp/blocked
}

# start PART
start() {
	case $1 in
	modules) . /test/modules_guest.sh && alone load period_us=1000000 ;;
	collector) ktach-collector --data /tmp/data >/tmp/collector.log 2>&1 & ;;
	shipper) ktach-shipper --state /tmp >/tmp/shipper.log 2>&1 & ;;
	esac
	[ "$1" = modules ] || programs="$programs $!"
}

programs=
for phase; do
	[ "$phase" = off ] || for part in $(echo "$phase" | tr + ' '); do start "$part"; done
	measure "$phase"
done
wget -qO- http://127.0.0.1:8766/api/v1/nodes | grep -o '"received":[ 0-9]*' | sed 's/.*:/@all frames /'
cat /tmp/*.log
for job in $programs; do
	kill "$job"
	wait "$job" || echo "not ok - a program ended with $?"
done
exit 0
