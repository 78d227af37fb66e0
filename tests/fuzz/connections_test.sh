#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole connections to the collector's HTTP server, under sanitizers: some thousands
# from a seed that is printed. CONNECTIONS= asks for more; `make fuzz` does.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=${CONNECTIONS:-6000}
seed=${KTACH_SEED:-$RANDOM$RANDOM}

# fuzz COUNT HOW...: of connections.c.
fuzz() {
	local n=$1 how
	shift
	how=$(case "$*" in "") ;; tcp) echo " over TCP" ;; tcp*) echo " over TCP by TLS" ;; *) echo " by TLS" ;; esac)
	"$B/tests/fuzz/http/connections" "$n" "$seed" "$@" >"$work/log" 2>&1
	ok $? "$n connections$how from seed $seed: $(sed -n 's/^ok - .*connections, //p' "$work/log")" "$work/log"
	grep -q '^ok' "$work/log" || head -c 4000 "$work/log" | tr -cd '\n\t -~' | head -60 | sed 's/^/# /'
}

if ! flock "$B" make B="$B" "$B/tests/fuzz/http/connections" >"$work/make.log" 2>&1; then
	ok 1 "the fuzzer builds"
	tail -n 20 "$work/make.log" | sed 's/^/# /'
	done_testing
fi
fuzz "$count"
fuzz $((count / 10)) tcp
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
fuzz $((count / 20)) "$work/tls.pem" "$work/tls.key"
fuzz $((count / 20)) tcp "$work/tls.pem" "$work/tls.key"
done_testing
