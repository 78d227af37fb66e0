# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: how long tasks wait for a CPU, counted by BPF, beside what the scheduler itself
# counts (/proc/schedstat: nanoseconds waited and times run, of each CPU). What is in the
# answer happened between the first and the last look at that.
. /test/tap.sh

# schedstat FIELD: of all CPUs.
schedstat() {
	awk -v field="$1" '/^cpu[0-9]/ { n += $field } END { print n }' /proc/schedstat
}

# Something that waits: four times as many loops as CPUs.
for _ in 1 2 3 4 5 6 7 8; do
	timeout 12 bash -c 'while :; do for i in 1 2 3 4 5 6 7 8 9; do :; done; done' &
done
waited=$(schedstat 9)
ran=$(schedstat 10)
ktach show latency --json --interval 5s >/tmp/answer 2>/tmp/err
ran=$(($(schedstat 10) - ran))
waited=$(($(schedstat 9) - waited))
wait
is "$(cat /tmp/err)" "" "the programs are loaded"
jq -c '.latency.latencies[] | select(.name == "all")' /tmp/answer | sed 's/^/# /'
all() { jq ".latency.latencies[] | select(.name == \"all\").$1" /tmp/answer; }
echo "# the scheduler: $ran times, $waited ns"
check "no more waits than times that something ran" test "$(all waits)" -le "$ran"
check "no longer than the scheduler counted" test "$(all sum_ns)" -le $((waited + waited / 100))
mean=$(($(all sum_ns) / $(all waits)))
check "a wait took as long, on average" within $((waited / ran / 2)) $mean $((waited / ran * 2))
check "hardly any is missed" test "$(all missed)" -le $(($(all waits) / 20 + 5))
done_testing
