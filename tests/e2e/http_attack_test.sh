#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pipelines, bodies, hidden requests and upgrades that nobody with a token needs.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

memory_kb() {
	awk '/^VmRSS/ { print $2 }' "/proc/$collector/status"
}

# bodies N: GETs with a body, each on a connection of its own.
bodies() {
	python3 - "${http%:*}" "${http##*:}" "$1" <<'E'
import socket, sys
for i in range(int(sys.argv[3])):
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
    s.sendall(b"GET /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")
    try:
        while s.recv(65536):
            pass
    except TimeoutError:
        sys.exit("no answer")
    except OSError:
        pass
E
}

collector_start
is "$(python3 tests/e2e/keep_alive.py "${http##*:}" | awk '{ print $2 }' | xargs)" "20 20 20" \
	"an answer is one segment: nobody waits for what acknowledges the first of two"
check "the attack runs to its end" \
	into "$work/points" python3 tests/e2e/http_attack.py "${http%:*}" "${http##*:}"
points "$work/points"
bodies 300
before=$(memory_kb)
check "requests with bodies are answered" bodies 1500
after=$(memory_kb)
echo "# $before kB, then $after kB"
check "requests with bodies leave no memory behind" test $((after - before)) -lt $((before / 10))
curl -s -o "$work/put" -X PUT "http://$http/"
# In the log: what and who, for each reason once a minute at most.
refusals() { grep -c "page: .* refused: $1.* (\(the last \)\?from 127.0.0.1; " "$work/collector.log"; }
for what in "their head is no good" "no body is taken" "only GET and HEAD"; do
	lines=$(refusals "$what")
	check "the log says whose requests are refused: $what" within 1 "$lines" $((1 + SECONDS / 60))
done
check "refused requests are counted by reason" api health '.refused.page | .unexpected_body >= 1800 and .request >= 10 and .method >= 1'
check "and in /metrics" eval 'curl -fs "http://$http/metrics" | grep -q "^ktach_collector_refused_total{door=\"page\",reason=\"unexpected_body\"} [1-9]"'
kill "$collector"
wait_for 10 eval '! kill -0 "$collector"' || kill -9 "$collector"
wait "$collector"
is $? 0 "the collector ends cleanly"
done_testing
