#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run takes a file that hangs, or leaves something behind, for one that failed,
# says why, and removes what was left.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset TIME_LIMIT

# script NAME: from stdin, with one point that passes.
script() {
	{
		echo '#!/bin/bash'
		cat
		echo 'echo "ok 1 - one"; echo 1..1'
	} >"$work/$1"
	chmod +x "$work/$1"
}

# run_of NAME: the status of a run with only that, which is kept in $work/said.
run_of() {
	B=$work/build tests/run "$work/$1" >"$work/said" 2>&1
}

said() {
	grep -qE -- "$1" "$work/said"
}

ended() {
	! grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"
}

script clean <<'EOT'
sleep 0.5 &
touch "$(mktemp -d -p "$TMPDIR" gone.XXXXXX)/file"
rm -r "$TMPDIR"/gone.*
EOT
check "who clears up passes" run_of clean

script hanging <<'EOT'
# Time limit: 2 s
echo "# as far as this"
sleep 300
EOT
run_of hanging
is $? 1 "who takes longer than its time limit fails"
check "the limit is told" said 'ended, as it took longer than 2 s'
check "with the last that it said" said '#   # as far as this'
check "and nothing else" said '^0 passed, 1 failed'

script leaving <<'EOT'
sleep 301 &
echo $! >"$OUT"
touch "$TMPDIR/left"
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$TMPDIR/mounted" /sys/fs/bpf/left
	mount -t tmpfs tmpfs "$TMPDIR/mounted"
	ip netns add "left-$$"
fi
EOT
OUT=$work/pid run_of leaving
is $? 1 "who leaves something behind fails"
check "a process" said "left behind: process $(cat "$work/pid"): sleep 301"
check "has ended now" wait_for 10 ended "$(cat "$work/pid")"
check "a file" said 'left behind: file: /.*/left$'
check "is gone" test ! -e "$(sed -n 's/.*left behind: file: \(.*left\)$/\1/p' "$work/said")"
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	check "a mount" said 'left behind: mount: /.*/mounted'
	check "a network namespace" said 'left behind: mount: /run/netns/left-'
	is "$(find /run/netns -name 'left-*' 2>/dev/null)" "" "is gone"
	check "pins of BPF" said 'left behind: pins: /sys/fs/bpf/left'
	is "$(find /sys/fs/bpf -maxdepth 1 -name left)" "" "are gone"
else
	skip "mounts, pins and network namespaces" "only root has any"
fi

# --- AGAIN=1
script once <<'EOT'
[ -e "$OUT" ] || { touch "$OUT"; echo "not ok 1 - two"; echo 1..1; exit 1; }
EOT
script never <<'EOT'
echo "not ok 1 - three"; echo 1..1; exit 1
EOT
OUT=$work/first AGAIN=1 run_of once
is "$? $(tail -n 2 "$work/said" | paste -sd'|')" "0 failed at first: $work/once|1 passed, 0 failed, 0 skipped" \
	"who passes the second time passes, and is named"
check "what failed at first is told" said 'not ok 1 - two'
AGAIN=1 run_of never
is "$? $(tail -n 1 "$work/said")" "1 0 passed, 1 failed, 0 skipped" "who fails twice fails"
rm "$work/first"
OUT=$work/first run_of once
is $? 1 "without AGAIN=1 nothing runs twice"
done_testing
