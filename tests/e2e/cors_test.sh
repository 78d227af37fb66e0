#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pages of other sites that ask the API (--cors): what the answers say, and what a real
# browser makes of them.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/browser.sh

site=https://portal.example:8443
# headers PATH [CURL...]: of the answer, with its status.
headers() {
	local path=$1
	shift
	curl -s -m 30 -o /dev/null -D - "$@" "http://$http$path" | tr -d '\r'
}
# cors PATH [CURL...]: what it says of other sites.
cors() { headers "$@" | grep -ic '^access-control-'; }

for wrong in portal.example '*' https:// https://portal.example/ ftp://portal.example http://portal:8x http://a:b:80 https://:80 http://[::1; do
	refused 2 "--cors $wrong is none" "expected an origin" "$B/ktach-collector" --data "$work/data" --cors "$wrong"
done

"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
token=$("$B/ktach-collector" token --key "$work/login.key" --name me)
with=(-H "Authorization: Bearer $token")
# serve NAME: another site, whose port is in NAME.port.
serve() {
	background "$1" python3 -uc '
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>site</title>")
s = http.server.HTTPServer(("127.0.0.1", 0), Page)
print("port", s.server_port)
s.serve_forever()'
	wait_for 30 grep -q '^port' "$work/$1"
}
serve listed
serve other
listed=http://127.0.0.1:$(sed -n 's/^port //p' "$work/listed")
other=http://127.0.0.1:$(sed -n 's/^port //p' "$work/other")
collector_start --login "$work/login.key" --cors "$site, $listed"

check "an answer names the site that asked" told "^access-control-allow-origin: $site\$" headers /api/v1/nodes "${with[@]}" -H "Origin: $site"
check "and says that it depends on that" told "^vary: .*origin" headers /api/v1/nodes "${with[@]}"
is "$(headers /api/v1/nodes -X OPTIONS -H "Origin: $site" -H 'Access-Control-Request-Method: POST' | sed -n 's/^access-control-allow-\(methods\|headers\): //p; 1s/.* \(204\).*/\1/p')" \
	$'204\nGET, HEAD, POST, PUT\nauthorization, content-type, if-none-match' "what may be asked is told before, without a token"
is "$(headers /api/v1/nodes | grep -ic credentials)" 0 "never with cookies"
for none in "" "-H Origin:https://portal.example" "-H Origin:http://portal.example:8443" "-H Origin:null" "-H Origin:$site.evil" "-H Origin:$site -H Cookie:ktach=1"; do
	# shellcheck disable=SC2086
	is "$(cors /api/v1/nodes "${with[@]}" $none)" 0 "not to ${none:-a visitor that names no site}"
done
is "$(cors /metrics "${with[@]}" -H "Origin: $site") $(cors / "${with[@]}" -H "Origin: $site")" "0 0" "nor of anything else than the API"
check "another site is told no methods" told "^HTTP/1.1 405 " headers /api/v1/nodes -X OPTIONS -H 'Origin: https://evil.example'
check "and may not ask by POST" told "^HTTP/1.1 403 " headers /api/v1/query "${with[@]}" -H 'Origin: https://evil.example' -d '{"metric": "cpu.busy", "from": "-1h"}'
check "a listed one may, though there is no node yet" told "^HTTP/1.1 404 " headers /api/v1/query "${with[@]}" -H "Origin: $site" -d '{"metric": "cpu.busy", "from": "-1h"}'
check "with its token only" told "^HTTP/1.1 401 " headers /api/v1/query -H "Origin: $site" -d '{"metric": "cpu.busy", "from": "-1h"}'
check "the page's own cookie does not let it" told "^HTTP/1.1 403 " headers /api/v1/query -H "Origin: $site" -H "Cookie: ktach=$token" -d '{"metric": "cpu.busy", "from": "-1h"}'

if command -v chromium >/dev/null && browser_install; then
	KTACH_SITE=$listed KTACH_OTHER=$other KTACH_API=http://$http KTACH_TOKEN=$token KTACH_MODULES=$(realpath "$modules") \
		TMPDIR=$work node tests/e2e/cors.mjs >"$work/page.tap"
	sed -E "/^1\.\./d; s/^(not )?ok [0-9]+/\1ok/" "$work/page.tap" >"$work/points"
	points "$work/points"
	check "the browser's test ran to its end" grep -q '^1\.\.' "$work/page.tap"
else
	skip "a browser's pages" "there is no Chromium"
fi
done_testing
