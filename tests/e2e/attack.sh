# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of what an attacker sends (tests/e2e/attacker.c); source it after
# tests/e2e/collector.sh. Others are served meanwhile, and memory comes back.

most_kb=$((256 * 1024)) # also what the collector's unit may have
memory_kb() { awk -v what="$1:" '$1 == what { print $2 }' "/proc/$collector/status"; }
settled() { [ "$(memory_kb VmRSS)" -le $((before_kb * 11 / 10)) ]; }
# What a collector has before anybody has sent it anything.
stay_cold() {
	api health .status >/dev/null
	wait_for 60 stays
}
stays() {
	before_kb=$(memory_kb VmRSS)
	sleep 2
	[ "$(memory_kb VmRSS)" = "$before_kb" ]
}
folded() { api nodes ".store.open_bytes < 1000000"; }
# The collector answers, each time: within ten seconds on a machine that has other work.
watch_health() {
	while sleep 0.2; do
		curl -fs -m 10 -o /dev/null "http://$http/api/v1/health" || echo missed
	done >"$work/missed"
}

# attack TEXT ARGUMENTS...: with a good sender at the same time. The collector's
# highest memory is counted anew.
attack() {
	local text=$1 good watch said
	shift
	echo 5 >"/proc/$collector/clear_refs"
	watch_health &
	watch=$!
	"$B/tests/e2e/feeder" tcp "127.0.0.1:$feed" "$work/good" 1 400 5000 5 >"$work/good.out" 2>&1 &
	good=$!
	said=$("$B/tests/e2e/attacker" "$1" "$feed" "${@:2}" 2>&1)
	ok $? "$text: $said"
	check "$text: what it sent is folded" wait_for 120 folded
	wait $good
	is "$(tail -n 1 "$work/good.out")" "shed 0 0 failed 0 left 0" "$text: a good sender is acknowledged"
	kill $watch
	wait $watch 2>/dev/null
	check "$text: health answers meanwhile" [ ! -s "$work/missed" ]
	check "$text: memory was at most $((most_kb / 1024)) MiB ($(($(memory_kb VmHWM) / 1024)) MiB)" \
		[ "$(memory_kb VmHWM)" -le $most_kb ]
	check "$text: memory comes back to within 10 % ($before_kb KiB, $(memory_kb VmHWM), $(memory_kb VmRSS))" \
		wait_for 120 settled
}
