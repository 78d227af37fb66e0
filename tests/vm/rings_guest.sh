# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run SECONDS RETURNS: rings that BPF fills.
. /test/tap.sh
. /test/modules_guest.sh
pins=/sys/fs/bpf/ktach
export RINGS_PINS=$pins
log=/tmp/log
mkdir -p /tmp/s

# shipper [OPTION]...: what it says goes to $log.
shipper() {
	: >$log
	ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp/s "$@" >>$log 2>&1 &
	shipper=$!
}

stop() {
	kill $shipper
	wait $shipper
}

# says TEXT: within some seconds.
says() {
	check "the shipper says: $1" wait_for 60 grep -q "$1" $log
}

# origin NAME [OPTION]...: where ktach has a section from.
origin() {
	ktach show "$@" --json --interval 200ms | jq -r ".$1.origin"
}

number() {
	ktach sources --json | jq '.sources[] | select(.name == "cpustat") | .head'
}

# only ORIGIN TEXT: what there is, and that is all to find out then.
only() {
	shipper
	says "$2"
	is "$(origin cpu)" "$1" "ktach has them from there, too"
	stop
	done_testing
	exit
}

case $1 in
# Such CPUs count where BPF does not see it.
nohz) only proc "cpu times from /proc: .*; no ring by BPF: BPF does not see the times of CPUs of nohz_full=" ;;
# That keeps BPF from reading memory by pointers; these are variables with a type.
lockdown) only bpf "cpu times from BPF's ring" ;;
esac

shipper --ring-period 10ms
says "cpu times from BPF's ring: no /dev/cpu_stat_monitor (modprobe ktach_cpustat)"
says "softirqs from BPF's ring"
is "$(origin cpu) $(origin softirq)" "bpf bpf" "ktach has both from there, too"
stop
check "its period is the shipper's" sh -c "ktach set period cpustat 5ms 2>&1 | grep -q 'option of ktach-shipper (ring-period)'"
before=$(number)
sleep 1
after=$(number)
check "no shipper is there, and the ring is filled on" test "$after" -gt "$before"
shipper --ring-period 10ms
says "cpu times from BPF's ring"
check "the next shipper goes on with it" test "$(number)" -gt "$after"
stop

# --- those who read it, with no shipper there
ktach watch cpu --count 3 --interval 200ms --json >/tmp/watch
is "$(jq -r .cpu.origin /tmp/watch | xargs)" "bpf bpf bpf" "ktach watch has it"
ktach record --count 3 --interval 200ms /tmp/record 2>/tmp/err && ktach replay /tmp/record --json --speed 0 >/tmp/replay
is "$(jq -r .cpu.origin /tmp/replay | xargs)" "bpf bpf bpf" "and ktach record"
export TERM=linux TERMINFO=/tmp/terminfo LC_ALL=C
mkdir -p $TERMINFO/l /dev/pts && cp /bin/linux $TERMINFO/l/ && mount -t devpts devpts /dev/pts
script -q -e -c "stty cols 80 rows 24; ktach top --count 2 --interval 300ms" /tmp/top >/dev/null
is $? 0 "and ktach top"
check "which shows how busy the CPUs are" grep -q busy /tmp/top

# --- a sample each ten milliseconds, into the history
ktach-collector --data /tmp/data >/tmp/collector.log 2>&1 &
collector=$!
first=$(number)
: >$log
ktach-shipper --unsealed --transport tcp --state /tmp/s --interval 10ms --ring-period 10ms --ship 200ms --include none >>$log 2>&1 &
shipper=$!
check "300 samples are made" wait_for 120 sh -c "[ \$(ktach sources --json | jq '.sources[] | select(.name == \"cpustat\") | .head') -gt $((first + 300)) ]"
stop
kill $collector
wait $collector
ktach-collector export --data /tmp/data --table cpu >/tmp/cpu.csv
# Of the first CPU (mono_ns, origin, sample, lost and cpu are the fields 4 to 8): from
# where, how many are missing, whether there are enough, and whether those that were on
# time are that close.
sort -t , -k 6,6n /tmp/cpu.csv | awk -F, '$8 == "0" {
		n++
		origins[$5] = 1
		missing += n == 1 ? 0 : $7 + $6 - number - 1
		if (n == 1) first = $4
		else if (n == 2 || $4 - last < least) least = $4 - last
		number = $6
		last = $4
	}
	END {
		for (o in origins) text = text o
		printf "# %d samples in %.1f s\n", n, (last - first) / 1e9
		print text, missing + 0, (n >= 200), (least < 15000000)
	}' >/tmp/series
head -n 1 /tmp/series
is "$(tail -n 1 /tmp/series)" "bpf 0 1 1" "the history has them one by one, none is lost, and they are as close as that"

# First what is exact, while no CPU has been away.
ring_torn 100000
ring_proc $(($1 / 4 + 3))
if [ -e /ktach/ktach_cpustat.ko ]; then
	check "the modules load" load slots=1024
	stress-ng --cpu 2 --switch 1 --timer 1 --sock 1 --timeout 0 >/dev/null 2>&1 &
	stress=$!
	ring_both "$1" 3
	kill $stress
	wait $stress
	unload
fi
ring_hotplug 1
[ "$2" -eq 0 ] || ring_return "$2" 1 2

shipper
says "cpu times from BPF's ring"
if [ -e /ktach/ktach_cpustat.ko ]; then
	load period_us=100000
	says "cpu times from /dev/cpu_stat_monitor"
	says "softirqs from /dev/cpu_softirq_monitor"
	check "nobody fills BPF's any more" wait_for 5 test ! -e $pins/cpustat/ring
	is "$(origin cpu --from ring)" ring "ktach has the times from the module"
	rmmod ktach_softirq && rmmod ktach_cpustat
	check "and from BPF once it has gone" wait_for 60 sh -c "grep -c 'cpu times from BPF' $log | grep -qx 2"
fi
rm -r $pins/cpustat
check "somebody removes the pins: the ring is made anew" wait_for 60 test -e $pins/cpustat/ring
stop
shipper --ring-timing yes
says "cpu times from BPF's ring"
ring_timing 5
stop
check "all of it can be taken away" ktach-shipper --detach
is "$(ls /sys/fs/bpf)" "" "and nothing is left"

# As packaging/systemd/ktach-shipper.service has it.
chmod o+x /sys/fs/bpf
mkdir $pins && chown 1000:1000 $pins /tmp/s /tmp/s/* $log
/bin/setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps -all,+bpf,+perfmon,+net_admin \
	--ambient-caps -all,+bpf,+perfmon,+net_admin --bounding-set -all,+bpf,+perfmon,+net_admin --no-new-privs \
	ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp/s >$log 2>&1 &
shipper=$!
says "cpu times from BPF's ring"
stop
# In a container that has the host's bpffs.
unshare -m -u -i -p -f sh -c "mount -t proc proc /proc && exec ktach-shipper \
	--collector 127.0.0.1:9 --unsealed --state /tmp/s --ring-period 5ms" >$log 2>&1 &
shipper=$!
says "cpu times from BPF's ring"
kill $(pidof ktach-shipper)
wait $shipper
/bin/setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps -all --bounding-set -all \
	ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp/s --pins /sys/fs/bpf/ktach/mine >$log 2>&1 &
shipper=$!
says "cpu times from /proc: .*; no ring by BPF: no right"
stop
done_testing
