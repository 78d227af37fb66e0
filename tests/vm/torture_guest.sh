# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest of four CPUs, as /test/run SECONDS [VARIABLE=VALUE]...: netlink_torture,
# beside readers of the rings and random requests. What it prints first makes it
# repeatable as far as others let it.
. /test/tap.sh
. /test/modules_guest.sh
seconds=$1
shift
[ $# -eq 0 ] || export "$@"

# A hundredth of a CPU, which QEMU makes tens of times slower, for those who hold
# what they get for long. With less they hold up the kernel's RCU, whatever they ask.
slow_group() {
	mkdir /tmp/cgroup && mount -t cgroup2 none /tmp/cgroup &&
		echo +cpu >/tmp/cgroup/cgroup.subtree_control && mkdir /tmp/cgroup/slow &&
		echo "10000 1000000" >/tmp/cgroup/slow/cpu.max && export CGROUP=/tmp/cgroup/slow
}

if grep -q cgroup2 /proc/filesystems; then
	slow_group
	ok $? "a control group with a hundredth of a CPU"
else
	skip "a control group with a hundredth of a CPU" "this kernel has none"
fi

# While the aggregator is away there is no family to ask.
fuzz() {
	local rounds=0
	while [ -e /tmp/torture ]; do
		netlink_fuzz 500 >/tmp/fuzz.new
		case $? in
		0) rounds=$((rounds + 1)) ;;
		1) grep -q '^not ok.*find the family' /tmp/fuzz.new || cp /tmp/fuzz.new /tmp/fuzz.bad ;;
		esac
		sleep 0.1
	done
	echo $rounds >/tmp/fuzz.rounds
}

check "the modules load" alone load
: >/tmp/torture
fuzz &
ring_stress "$seconds" 8 >/tmp/stress &
stress=$!
netlink_torture "$seconds" /ktach
rm /tmp/torture
wait $stress
ok $? "readers that were beside had what the rings had"
grep '^not ok' /tmp/stress | sed 's/^/# /'
wait
check "random requests were answered, $(cat /tmp/fuzz.rounds) times 500" [ "$(cat /tmp/fuzz.rounds)" -gt 0 ]
check "and none in a wrong way" [ ! -e /tmp/fuzz.bad ]
[ ! -e /tmp/fuzz.bad ] || sed 's/^/# /' /tmp/fuzz.bad
check "the modules unload" alone unload
is "$(grep -c '\[ktach_' /proc/vmallocinfo)" 0 "no ring is left in memory"
done_testing
