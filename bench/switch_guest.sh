# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run ROUNDS: what `perf bench sched messaging`, and `sched pipe`, of which
# each operation is two switches, take with exact times by nobody, by the modules and by
# BPF, in turns. What others did meanwhile makes a round longer and never shorter: of
# each the shortest counts.
. /test/tap.sh
. /test/modules_guest.sh
rounds=$1

switches() {
	awk '$1 == "ctxt" { print $2 }' /proc/stat
}

# bench NAME KIND OPTION...: ms and switches of a run, appended to /tmp/NAME.KIND.
bench() {
	before=$(switches)
	s=$(perf --no-pager bench --format=simple sched "$2" $3)
	awk -v s="$s" -v n=$(($(switches) - before)) 'BEGIN { printf "%d %d\n", 1000 * s, n }' >>"/tmp/$1.$2"
}

both() {
	bench "$1" messaging "-g 1 -l 200"
	bench "$1" pipe "-l 50000"
}

# with_bpf: the rings and what is pinned with them.
with_bpf() {
	ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp --ring-timing yes >/tmp/log 2>&1 &
	shipper=$!
	wait_for 60 grep -q "softirqs from BPF's ring" /tmp/log || cat /tmp/log
	kill $shipper
	wait $shipper
}

# shortest NAME KIND: of its runs.
shortest() {
	sort -n "/tmp/$1.$2" | head -n 1
}

# compare NAME KIND
compare() {
	{
		shortest nobody "$2"
		shortest "$1" "$2"
	} | awk -v who="$1" -v kind="$2" 'NR == 1 { ms = $1; n = $2 } NR == 2 {
		printf "# %s, exact times by %s: %d ms with %d switches; by nobody %d ms with %d: %.1f %%, %d ns a switch\n",
			kind, who, $1, $2, ms, n, 100 * ($1 - ms) / ms, 1e6 * ($1 - ms) / $2 }'
}

bench warm messaging "-g 1 -l 20"
for _ in $(seq "$rounds"); do
	both nobody
	load timing=1 && both modules
	unload
	with_bpf
	both bpf
	ktach-shipper --detach >/dev/null
done
for kind in messaging pipe; do
	compare modules $kind
	compare bpf $kind
done
