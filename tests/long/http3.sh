#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deploy/caddy and deploy/nginx in front of a collector, with Debian's Caddy and nginx,
# unpacked, not installed: Chromium logs in, has the page by HTTP/3 (of nginx by
# HTTP/2), and live figures by a WebSocket.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/browser.sh
browser_install
. tests/e2e/collector.sh
. tests/e2e/proxies.sh
command -v chromium >/dev/null || skip_all "chromium is not installed"

proxy_certificate
"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
collector_start --login "$work/login.key" --host ktach.example.com --proxy 127.0.0.1,::1
background shipper.log "$B/ktach-shipper" --collector "127.0.0.1:$feed" --no-net --state "$work/state" --name node
token=$("$B/ktach-collector" token --key "$work/login.key" --name visitor)
spki=$(openssl x509 -in "$tls/tls.pem" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)

# seen NAME PROTOCOL: the page, through the proxy that listens.
seen() {
	check "$1 listens" wait_for 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
	into "$work/seen" env KTACH_MODULES="$(realpath "$modules")" KTACH_PAGE="https://ktach.example.com:$port/" KTACH_TOKEN="$token" KTACH_SPKI="$spki" \
		KTACH_PROTOCOL="$2" timeout 120 node tests/long/http3.mjs
	points "$work/seen"
	is "$(grep -c '^ok' "$work/seen")" 4 "$1: all of it was looked at"
}

if proxy_fetched usr/bin/caddy caddy; then
	sed "s#127.0.0.1:8766#$http#; s#^ktach.example.com {#ktach.example.com:$port {\n\tbind 127.0.0.1\n\ttls $tls/tls.pem $tls/tls.key#; 0,/^{/s##{\n\tadmin off\n\tauto_https disable_redirects#" \
		deploy/caddy/Caddyfile >"$work/Caddyfile"
	background caddy.log env HOME="$work" XDG_DATA_HOME="$work" XDG_CONFIG_HOME="$work" \
		"$proxies/caddy/usr/bin/caddy" run --adapter caddyfile --config "$work/Caddyfile"
	proxy=$!
	seen Caddy h3
	kill $proxy && wait $proxy
else
	skip "Caddy" "the package cannot be had: $(tail -n 1 "$proxies/log")"
fi
if proxy_fetched usr/sbin/nginx nginx; then
	mkdir -p "$work/nginx"
	{
		echo "daemon off; pid $work/nginx/pid; error_log $work/nginx/error.log; events {} http { access_log off;"
		for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $work/nginx/$kind;"; done
		sed "s#127.0.0.1:8766#$http#; s#/etc/ktach/tls#$tls/tls#; s#listen 443#listen 127.0.0.1:$port#" deploy/nginx/ktach.conf
		echo "}"
	} >"$work/nginx/conf"
	background nginx.log "$proxies/nginx/usr/sbin/nginx" -e "$work/nginx/error.log" -c "$work/nginx/conf"
	seen nginx h2
else
	skip "nginx" "the package cannot be had: $(tail -n 1 "$proxies/log")"
fi
done_testing
