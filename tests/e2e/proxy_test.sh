#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page behind reverse proxies: nginx, Caddy and HAProxy from Debian's packages,
# unpacked, not installed, with what docs/admin.md says for each.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
doc=docs/admin.md
. tests/e2e/proxies.sh

# example FIRST: the indented lines of docs/admin.md that begin with this one.
example() { awk -v first="    $1" 'index($0, first) == 1 { on = 1 } on && !/^    / { exit } on { print substr($0, 5) }' $doc; }

proxy_certificate
mkdir -p "$work/nginx"
cat "$tls/tls.pem" "$tls/tls.key" >"$tls/tls-and-key.pem"
"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
token=$("$B/ktach-collector" token --key "$work/login.key" --name visitor)
example 'http = 127' | sed "s#^http.*#http = 127.0.0.1:0#; s#^login.*#login = $work/login.key#" >"$work/collector.conf"
check "the documents' configuration is one" grep -q '^proxy = 127.0.0.1' "$work/collector.conf"
background collector.log "$B/ktach-collector" --config "$work/collector.conf" --listen 127.0.0.1:0 --data "$work/data"
check "the collector listens" wait_for 30 grep -q 'listening on' "$work/collector.log"
http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/collector.log")
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state" --name node

# placed: what was tried on this machine instead of what the documents name.
placed() { sed "s#127.0.0.1:8766#$http#; s#/etc/ktach/tls#$tls/tls#; s#listen 443#listen 127.0.0.1:$port#; s#bind :443#bind 127.0.0.1:$port#"; }
# ask PATH [CURL...]: its status, through the proxy.
ask() {
	curl -s -m 10 -o "$work/body" -D "$work/head" -w '%{http_code}' --cacert "$tls/tls.pem" \
		--resolve "ktach.example.com:$port:127.0.0.1" "${@:2}" "https://ktach.example.com:$port$1"
}
guess() { ask /api/v1/nodes -H 'Authorization: Bearer a.b.c' --interface "$1" "${@:2}"; }

# tried NAME NUMBER: all of it behind that proxy, which listens; its visitors come from 127.NUMBER.0.*.
tried() {
	local name=$1 net=127.$2.0
	is "$(ask / -H 'Accept: text/html')" 401 "$name: the page asks for a token"
	check "$name: by its form" grep -q '<form' "$work/body"
	is "$(ask /api/v1/nodes -H "Authorization: Bearer $token")" 200 "$name: a token in a header"
	is "$(ask /login --data "token=$token" -H "Origin: https://ktach.example.com:$port")" 303 "$name: the log-in of the page"
	cookie=$(sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p' "$work/head" | tr -d '\r')
	is "$(ask /app.js -b "$cookie")" 200 "$name: with its cookie the page is served"
	is "$(ask /login --data "token=$token" -H 'Origin: https://elsewhere.example')" 403 "$name: a log-in from another site is refused"
	timeout 5 python3 tests/e2e/live_client.py "127.0.0.1:$port" "$token" >"$work/live.$name" 2>&1
	check "$name: a WebSocket brings nodes" grep -q . "$work/live.$name"
	check "$name: and was not refused" bash -c "! grep -q -e refused -e dropped '$work/live.$name'"
	for _ in $(seq 15); do last=$(guess "$net.2"); done
	is "$last" 429 "$name: who guesses has to wait"
	is "$(guess "$net.3")" 401 "$name: another visitor does not"
	is "$(guess "$net.2" -H 'X-Forwarded-For: 203.0.113.9')" 429 "$name: what a visitor says of itself is not believed"
}
listens() { ask / >/dev/null; }
end() {
	kill "$proxy"
	wait "$proxy" 2>/dev/null
}

if proxy_fetched usr/sbin/nginx nginx; then
	{
		echo "daemon off; pid $work/nginx/pid; error_log $work/nginx/error.log; events {} http { access_log off;"
		for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $work/nginx/$kind;"; done
		example 'map $http_upgrade' | placed
		echo "}"
	} >"$work/nginx/conf"
	background nginx.log "$proxies/nginx/usr/sbin/nginx" -e "$work/nginx/error.log" -c "$work/nginx/conf"
	proxy=$!
	check "nginx listens" wait_for 10 listens
	tried nginx 1
	end
else
	skip "nginx" "the package cannot be had: $(tail -n 1 "$proxies/log")"
fi
if proxy_fetched usr/sbin/haproxy haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1; then
	{ printf 'global\n    maxconn 100\n' && example 'frontend page' | placed; } >"$work/haproxy.cfg"
	background haproxy.log env LD_LIBRARY_PATH="$(echo "$proxies"/haproxy/usr/lib/*-linux-*)" "$proxies/haproxy/usr/sbin/haproxy" -db -f "$work/haproxy.cfg"
	proxy=$!
	check "HAProxy listens" wait_for 10 listens
	tried HAProxy 2
	end
else
	skip "HAProxy" "the package cannot be had: $(tail -n 1 "$proxies/log")"
fi
if proxy_fetched usr/bin/caddy caddy; then
	{
		printf '{\n    admin off\n    auto_https off\n}\n'
		example 'ktach.example.com {' | placed | sed "1s#.*#https://ktach.example.com:$port, https://127.0.0.1:$port {\n    bind 127.0.0.1\n    tls $tls/tls.pem $tls/tls.key#"
	} >"$work/Caddyfile"
	background caddy.log env HOME="$work" XDG_DATA_HOME="$work" XDG_CONFIG_HOME="$work" "$proxies/caddy/usr/bin/caddy" run --adapter caddyfile --config "$work/Caddyfile"
	proxy=$!
	check "Caddy listens" wait_for 10 listens
	tried Caddy 3
	end
else
	skip "Caddy" "the package cannot be had: $(tail -n 1 "$proxies/log")"
fi
done_testing
