#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may do what, who is locked out, and who is not: roles, revoked tokens, dead
# cookies, guesses, proxies, names; and connections that bring nothing.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

# status METHOD PATH [CURL...]
status() {
	local method=$1 path=$2
	shift 2
	curl -s -m 5 -o "$work/body" -w '%{http_code}' -X "$method" "$@" "http://$http$path"
}
make() {
	"$B/ktach-collector" token --key "$work/login.key" "$@"
}
# socket [CURL...]: the status of an upgrade.
protocol=ktach-live
socket() {
	curl -s -m 1 -o "$work/body" -w '%{http_code}' --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
		-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
		-H "Sec-WebSocket-Protocol: $protocol" "$@" "http://$http/api/v1/live"
}
refusals() {
	curl -s "http://$http/metrics" |
		sed -n "s/^ktach_collector_refused_total{door=\"page\",reason=\"$1\"} //p"
}

"$B/ktach-collector" key --out "$work/login.key" 2>/dev/null
mkdir "$work/keys"
"$B/ktach-collector" key --out "$work/keys/fleet.key" 2>/dev/null
collector_start --login "$work/login.key" --host ktach.example.com --proxy 127.0.0.1 --keys "$work/keys"
admin=$(make --role admin --name admin)
bearer=(-H "Authorization: Bearer $admin")

# The table of docs/security.md, cell by cell.
while read -r verb path roles; do
	case "$verb $path" in
	'POST /api/v1/nodes/*') path=/api/v1/nodes/none/agents/web/restart ;;
	'PUT /api/v1/nodes/*') path=/api/v1/nodes/none/desired ;;
	esac
	for role in nobody view send operate admin service; do
		token=()
		[ $role = nobody ] || token=(-H "Authorization: Bearer $(make --role $role)")
		got=$(status "$verb" "${path/\*/api/v1/nodes}" "${token[@]}")
		case $got in 401 | 403) may=no ;; *) may=yes ;; esac
		# A log-in without a token is a 401 to everybody.
		[ "$verb $path" = "POST /login" ] && may=yes
		case " $roles " in *" $role "*) want=yes ;; *) want=no ;; esac
		is "$may" $want "$role: $verb $path ($got)"
	done
done < <(sed -n 's/^| `\(GET\|POST\|PUT\)` | `\([^`]*\)` | \(.*\) |$/\1 \2 \3/p' docs/security.md)
# Each path of the API, by the first line that fits it.
rights() {
	local verb path roles
	while read -r verb path roles; do
		[ "$verb" = "$1" ] && case $path in
		*\*) [[ $2 = "${path%\*}"* ]] ;;
		*) [ "$2" = "$path" ] ;;
		esac && echo "$roles" && return
	done < <(sed -n 's/^| `\(GET\|POST\|PUT\)` | `\([^`]*\)` | \(.*\) |$/\1 \2 \3/p' docs/security.md)
}
declare -A token_of
for role in view send operate admin service; do
	token_of[$role]=$(make --role $role)
done
asked=0 wrong=()
while read -r verb path; do
	roles=$(rights "$verb" "$path")
	for role in nobody view send operate admin service; do
		token=()
		[ $role = nobody ] || token=(-H "Authorization: Bearer ${token_of[$role]}")
		case $(status "$verb" "${path//[\{\}]/}" "${token[@]}") in 401 | 403) may=no ;; *) may=yes ;; esac
		case " $roles " in *" $role "*) want=yes ;; *) want=no ;; esac
		[ $may = $want ] || wrong+=("$role: $verb $path")
		asked=$((asked + 1))
	done
done < <(awk '/^  \/[^ ]*:/ { path = $1; sub(/:$/, "", path) }
	/^    (get|post|put|delete):/ { verb = toupper($1); sub(/:$/, "", verb); print verb, path }' docs/openapi.yaml)
is "${wrong[*]}" "" "and so has each path of the API ($asked cells)"
check "which are many" [ "$asked" -ge 150 ]
# Its last line: frames come with a node's key (tests/e2e/sealed_test.sh), and are taken from
# nobody without.
check "its last line is of frames, and of the role send" grep -qx '| frame | samples | send |' docs/security.md
"$B/tests/e2e/feeder" udp "127.0.0.1:$feed" "$work/nobody" 1 20 1000 1 >/dev/null 2>&1
unsealed() { [ "$(curl -s "${bearer[@]}" "http://$http/metrics" | awk '/^ktach_collector_dropped_total.*unsealed/ { print $2 }')" -gt 0 ]; }
check "nobody: frame samples" wait_for 60 unsealed
is "$(curl -s "${bearer[@]}" "http://$http/api/v1/nodes" | jq '.nodes | length')" 0 "nobody: is no node"
for verb in PUT DELETE PATCH OPTIONS POST; do
	is "$(status $verb /api/v1/nodes "${bearer[@]}")" 405 "$verb is nobody's"
done

# Guesses.
for _ in $(seq 15); do
	last=$(status GET /api/v1/nodes -H 'Authorization: Bearer a.b.c')
done
is "$last" 429 "who guesses has to wait"
is "$(status GET /api/v1/nodes "${bearer[@]}")" 200 "a good token passes all the same"
is "$(status POST /login --data "token=$admin")" 303 "so does a log-in"
is "$(status GET /api/v1/nodes -H 'Authorization: Bearer a.b.c' -H 'X-Forwarded-For: 203.0.113.9')" 401 \
	"another visitor of the same proxy does not wait"
is "$(status GET /api/v1/nodes -H 'Authorization: Bearer a.b.c' -H 'X-Forwarded-For: 203.0.113.7, 127.0.0.1')" 401 \
	"nor behind two"
for _ in $(seq 30); do
	last=$(status GET / -H 'Accept: text/html' -H 'X-Forwarded-For: 203.0.113.3' -b ktach=a.b.c)
done
is "$last" 401 "a dead cookie is no guess"
is "$(status POST /login --data "token=x" -H 'X-Forwarded-For: 203.0.113.3')" 401 "and locks nobody out"

# The page.
check "the form says why it is there" grep -q 'role="alert".*session has ended' <(
	curl -s -H 'Accept: text/html' -b ktach=a.b.c "http://$http/")
check "the dead cookie goes" grep -qi '^set-cookie: ktach=;.*Max-Age=0' <(
	curl -s -D- -o /dev/null -H 'Accept: text/html' -b ktach=a.b.c "http://$http/")
is "$(status POST /logout -b "ktach=$admin")" 303 "there is a log-out"
check "which takes the cookie" grep -qi '^set-cookie: ktach=;.*Max-Age=0' <(
	curl -s -D- -o /dev/null -X POST "http://$http/logout")
is "$(status POST /logout -H 'Origin: http://evil.example')" 403 "but not for another site"
is "$(status POST /login --data "token=$admin" -H 'Origin: http://evil.example')" 403 "which logs nobody in, either"
is "$(status POST /login --data "token=$admin" -H "Origin: http://$http")" 303 "the page does"
is "$(status GET /api/v1/session "${bearer[@]}") $(jq -r .role "$work/body")" "200 admin" "a session tells whose it is"

is "$(status GET /api/v1/session -H 'Authorization: Basic eDp5' -b "ktach=$admin")" 200 "a proxy's own log-in does not hide the cookie"
is "$(status GET /api/v1/session -H 'Authorization: Basic eDp5')" 401 "and is no token"

# Names.
is "$(socket "${bearer[@]}" -H "Origin: http://$http")" 101 "the page's WebSocket"
is "$(socket "${bearer[@]}" -H 'Origin: https://KTACH.example.com')" 101 "behind a proxy that keeps its own Host"
is "$(socket "${bearer[@]}" -H 'Host: localhost' -H 'Origin: http://LOCALHOST:8080' -H 'X-Forwarded-Port: 8080')" 101 "that tells the port"
is "$(socket "${bearer[@]}" -H 'Host: localhost' -H 'Origin: http://LOCALHOST:8080')" 403 "not one that leaves it out"
is "$(socket "${bearer[@]}" -H 'Host: localhost' -H 'Origin: http://localhost' -H 'X-Forwarded-Proto: https')" 403 "another scheme is another site"
check "by TLS in front of the proxy the cookie is for TLS" grep -qi '^set-cookie: .*; Secure' <(
	curl -s -D- -o /dev/null -d "token=$admin" -H 'X-Forwarded-Proto: https' "http://$http/login")
is "$(socket "${bearer[@]}" -H 'Host: localhost:1' -H 'Origin: http://localhost:2')" 403 "another port is another site"
is "$(socket "${bearer[@]}" -H 'Origin: https://evil.example')" 403 "another name, too"
for origin in ktach.example.com:80.evil.example 'ktach.example.com:80, http://evil.example' localhost:80@evil.example '[::1].evil.example'; do
	is "$(socket "${bearer[@]}" -H "Origin: http://$origin")" 403 "nor what begins as one: $origin"
done
is "$(socket "${bearer[@]}" -H 'Origin: null')" 403 "and no name"
is "$(socket -H "Authorization: Bearer $(make --role service)")" 403 "a role that may not has none"
is "$(socket)" 401 "nor who has no token"
is "$(protocol=chat socket "${bearer[@]}")" 400 "nor who asks for none of ours"

# Revoked.
one=$(make --name one) other=$(make --name one --valid 2h) third=$(make --name third)
"$B/ktach-collector" token --revoke "$one" --data "$work/data"
is $? 0 "a token is taken back"
revoked() { [ "$(status GET /api/v1/version -H "Authorization: Bearer $1" -H "X-Forwarded-For: 2001:db8:0:$((RANDOM % 9999))::1")" = 401 ]; }
check "it is good no more" wait_for 5 revoked "$one"
is "$(status GET /api/v1/version -H "Authorization: Bearer $other")" 200 "the other one of that name is"
"$B/ktach-collector" token --revoke one --data "$work/data"
check "until all of the name are" wait_for 5 revoked "$other"
is "$(status GET /api/v1/version -H "Authorization: Bearer $third")" 200 "nobody else's"
"$B/ktach-collector" token --revoke '' --data "$work/data" 2>/dev/null
is $? 1 "nobody is no name"
kill "$collector"
wait "$collector"

# Connections that bring nothing, from one address, with few descriptors.
under=(prlimit --nofile=1000:1000)
collector_start
python3 - "${http%:*}" "${http##*:}" <<'EOF' >"$work/idle"
import resource, socket, sys, time, urllib.request
address = (sys.argv[1], int(sys.argv[2]))
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2000), hard))
upgrade = (b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Protocol: ktach-live\r\n\r\n")
def health():
    try:
        return urllib.request.urlopen("http://%s:%d/api/v1/health" % address, timeout=5).status == 200
    except OSError as error:
        print("#", error)
        return False
def crowd(data, n):
    all = []
    for _ in range(n):
        s = socket.create_connection(address, 5)
        s.sendall(data)
        all.append(s)
        if len(all) % 50 == 0 and not health():
            return None
    return all
def left(all):
    n = 0
    for s in all:
        s.settimeout(0.01)
        try:
            while (data := s.recv(4096)):
                pass
        except TimeoutError:
            n += 1
        except OSError:
            pass
    return n
kinds = {"silent": b"", "half": b"GET / HTTP/1.1\r\n", "WebSocket": upgrade,
         "body": b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\ntok"}
crowds = {name: crowd(data, 30) for name, data in kinds.items()}
print("ok" if health() else "not ok", "- 120 connections that bring nothing: others are answered")
time.sleep(13)
for name, all in crowds.items():
    n = left(all or [])
    print("ok" if all and not n else "not ok", "-", name, f"connections: {n} of 30 are left after 13 s")
for name, data in kinds.items():
    print("ok" if crowd(data, 300) and health() else "not ok", "-", f"300 {name} connections: others are answered")
EOF
points "$work/idle"
for reason in silent head body subscription; do
	check "counted: $reason $(refusals $reason)" test "$(refusals $reason)" -gt 0
done
lines=$(grep -c 'page: .* connection' "$work/collector.log")
check "told in some lines" within 3 "$lines" 10
done_testing
