#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ktach-agentd under attack by a local user without rights, and with files of all kinds,
# under sanitizers: others are answered meanwhile, the log has a line a minute, descriptors
# and memory stay as they were. The seed is printed.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
[ "$(id -u)" -eq 0 ] || skip_all "only root can hide this host's systemd"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
work=$(mktemp -d)
trap 'kill $pid $crowd 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/agents" "$work/run" "$work/state" "$work/units"
seed=${KTACH_SEED:-$RANDOM$RANDOM}
echo "# seed $seed"
if ! flock "$B" make B="$B" "$B/sanitized/ktach-agentd" "$B/sanitized/ktach-agent-generator" >"$work/make.log" 2>&1; then
	ok 1 "it builds"
	tail -n 20 "$work/make.log" | sed 's/^/# /'
	done_testing
fi

printf 'exec = /bin/true\nuser = daemon\n' >"$work/agents/good.conf"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
unshare --mount sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' - env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/none \
	"$B/sanitized/ktach-agentd" --agents "$work/agents" --run "$work/run" --state "$work/state" --http "127.0.0.1:$port" 2>"$work/log" &
pid=$!
answers() { curl -sf -m 60 -o /dev/null "http://127.0.0.1:$port/healthz"; }
check "it answers" wait_for 60 answers
listed() { "$B/bin/ktach" agent --run "$work/run" list --json | jq -e '.agents | length > 0' >/dev/null; }
attack() { python3 tests/e2e/agentd_attack.py "$1" "$port" "$work/run" "$seed" >"$work/out" 2>&1; }
files() { find "/proc/$pid/fd" | wc -l; }
before=$(files)

for kind in idle halves; do
	mkfifo "$work/$kind"
	python3 tests/e2e/agentd_attack.py "$kind" "$port" "$work/run" "$seed" <"$work/$kind" >"$work/$kind.out" 2>&1 &
	crowd=$!
	exec {end}>"$work/$kind"
	check "$kind: they are there" wait_for 60 grep -q there "$work/$kind.out"
	check "$kind: others are answered by HTTP" answers
	check "$kind: and on the socket" listed
	exec {end}>&-
	wait $crowd
done
# a_minute COUNT TEXT: so many lines, or as many more with each minute that it took.
a_minute() {
	local lines
	lines=$(grep -c "$2" "$work/log")
	[ "$lines" -ge "$1" ] && [ "$lines" -le $(($1 * (1 + SECONDS / 60))) ]
}
check "it is told, of each door once a minute" a_minute 2 'closed for newer ones'
check "heartbeats that lie are taken" attack lies
check "wrong requests have one answer each" attack requests
tail -n 3 "$work/out" | sed 's/^/# /'
check "wrong lines, too" attack lines
check "it goes on" answers
check "one line a minute tells of heartbeats that were refused" a_minute 1 'in its name was refused'
check "no file is left open" wait_for 60 eval '[ "$(files)" -le '"$before"' ]'

# Files of all kinds, each read as it comes, then made into units.
python3 - "$work/agents" "$seed" <<'PY'
import os, random, sys
folder, dice = sys.argv[1], random.Random(int(sys.argv[2]))
good = b"""[agent]
name = a
exec = /bin/true
args = "a b" 'c' \\d %i $HOME
user = daemon
environment = A=b "C=d e"
[health]
check = http
url = http://127.0.0.1:80/x
interval = 10s
[restart]
policy = always
delay = 1s
[limits]
memory = 64
"""
for i in range(200):
    text = bytearray(good)
    for _ in range(dice.randrange(12)):
        at = dice.randrange(len(text))
        how = dice.randrange(4)
        if how == 0:
            text[at] = dice.randrange(256)
        elif how == 1:
            del text[at:at + dice.randrange(9)]
        elif how == 2:
            text[at:at] = dice.choice([b"\0", b"\n", b"'", b'"', b"\\", b"%", b"\xff", b"=" * 600, b"x" * 5000, b"99999999999999999999"])
        else:
            text[at:at] = text[dice.randrange(len(text)):][:40]
    with open(f"{folder}/f{i}.conf", "wb") as f:
        f.write(text)
os.symlink("/dev/zero", f"{folder}/zero.conf")
os.symlink("loop.conf", f"{folder}/loop.conf")
os.mkfifo(f"{folder}/fifo.conf")
os.mkdir(f"{folder}/folder.conf")
open(f"{folder}/{'n' * 200}.conf", "wb").write(good)
open(f"{folder}/new\nline.conf", "wb").write(good.replace(b"name = a\n", b""))
PY
check "files of all kinds: it reads them" wait_for 60 grep -q 'fifo.conf: not a file' "$work/log"
check "files of all kinds: it answers" answers
KTACH_AGENTS=$work/agents "$B/sanitized/ktach-agent-generator" "$work/units" 2>"$work/said"
check "the generator ends, with the good one" [ -f "$work/units/ktach-agent@good.service" ]
is "$(find "$work/units" -name '*.service' -type f ! -name 'ktach-agent@*' | wc -l)" 0 "and units have no other names"
kill $pid
wait $pid
is $? 0 "it ends well"
check "no sanitizer says anything" eval '! grep -hE "runtime error|AddressSanitizer|LeakSanitizer" "$work/log" "$work/said"'
grep -hE -A12 "runtime error|AddressSanitizer|LeakSanitizer" "$work/log" "$work/said" | head -40 | sed 's/^/# /'
done_testing
