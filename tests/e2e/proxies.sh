# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests behind reverse proxies: source this after tests/e2e/collector.sh. They are
# Debian's packages, unpacked in the cache $proxies, not installed.
proxies=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/proxies
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
tls=$work/tls

# proxy_fetched PROGRAM PACKAGE...: the first one's program, and the others' libraries, are in the cache.
proxy_fetched() {
	local to=$proxies/$2 deb
	[ -x "$to/$1" ] && return
	mkdir -p "$to"
	(cd "$to" && apt-get download -q "${@:2}" && for deb in *.deb; do dpkg -x "$deb" . && rm "$deb"; done) >"$proxies/log" 2>&1 && [ -x "$to/$1" ]
}

# proxy_certificate: of ktach.example.com, in $tls.
proxy_certificate() {
	mkdir -p "$tls"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ktach.example.com \
		-addext subjectAltName=DNS:ktach.example.com -keyout "$tls/tls.key" -out "$tls/tls.pem" 2>/dev/null
}
