# SPDX-License-Identifier: GPL-2.0-or-later
# etcd of a test's own: Debian's package, unpacked, not installed. Source it after
# tests/e2e/redis.sh.

etcd_cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/etcd
if [ ! -x "$etcd_cache/usr/bin/etcd" ]; then
	mkdir -p "$etcd_cache"
	(cd "$etcd_cache" && apt-get download -q etcd-server && dpkg -x etcd-server_*.deb . && rm etcd-server_*.deb) >"$etcd_cache/log" 2>&1 ||
		skip_all "the package etcd-server cannot be had: $(tail -n 1 "$etcd_cache/log")"
fi

# etcd_start NAME: its folder is $work/NAME, its pid and place in $etcd_pid and $etcd.
etcd_start() {
	[ -f "$work/$1.port" ] || free_port >"$work/$1.port"
	local port peer
	port=$(cat "$work/$1.port")
	peer=http://127.0.0.1:$((port + 10000))
	background "$1.log" "$etcd_cache/usr/bin/etcd" --data-dir "$work/$1" --log-level error \
		--listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
		--listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
	etcd_pid=$!
	etcd=etcd://127.0.0.1:$port/ledger
	wait_for 60 curl -fs "http://127.0.0.1:$port/health" -o /dev/null
}

# --- Members -----------------------------------------------------------------
# member_start NAME OPTION...: a collector of the fleet, with the ports that it had before, if it
# had some; its log is $work/NAME.log.
member_start() {
	local name=$1
	shift
	[ -f "$work/$name.feed" ] || free_port >"$work/$name.feed"
	background "$name.log" "$B/ktach-collector" --listen "127.0.0.1:$(cat "$work/$name.feed")" --http 127.0.0.1:0 \
		--data "$work/$name.data" --unsealed --history "$history" --members "$etcd" --member-id "$name" "$@"
	echo $! >"$work/$name.pid"
	wait_for 60 grep -q 'listening on' "$work/$name.log"
}
member_pid() { cat "$work/$1.pid"; }
member_feeds() {
	local name all=
	for name in "$@"; do all+=${all:+,}127.0.0.1:$(cat "$work/$name.feed"); done
	echo "$all"
}
members() { "$B/ktach-collector" fleet --members "$etcd" 2>&1; }
# owned NAME...: these are the members, and have taken all partitions, and nobody else any.
owned() {
	members | awk -v names="$*" '
		BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) want[list[i]] = 1 }
		/^[^ ]+ +[0-9]/ { if (!($1 in want) || $2 != $3) wrong++; else { seen++; sum += $2 } }
		END { exit !(seen == n && !wrong && sum == 4096) }'
}
