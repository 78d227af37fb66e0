#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: run.sh [--coverage]
# Build the modules with their KUnit tests, load them into a UML kernel and
# print TAP: a point for each test case, and some for the run as a whole.
# --coverage has selftests ask the netlink family, too, which only a socket can
# reach, and adds the lines of kmod/ that were run, file by file, and a line
# "BAR kunit_coverage PERCENT 90 ok|short". Runs as an ordinary user.
# Time limit: 1800 s
set -eu
cd "$(dirname "$0")/../.."
. tests/tap.sh
coverage=
[ "${1:-}" != --coverage ] || coverage=y

kernel=$(bash tests/kunit/kernel.sh)
out=${B:-build}/kunit
rm -rf "$out"
mkdir -p "$out/src/tests"
out=$(cd "$out" && pwd)
src=$out/src

# --- build ----------------------------------------------------------------
mkdir -p "$src/include"
cp -r kmod "$src/"
cp -r include/uapi "$src/include/"
cp -r tests/kunit "$src/tests/"
cat Kbuild tests/kunit/Kbuild >"$src/Kbuild"
make -C "$kernel" ARCH=um M="$src" ${coverage:+KTACH_GCOV=y} -j"$(nproc)" modules \
	>"$out/build.log" 2>&1 </dev/null || {
	grep -E 'error|Error|undefined' "$out/build.log" >&2 || tail -n 20 "$out/build.log" >&2
	exit 1
}

# --- run ------------------------------------------------------------------
root=$out/root
mkdir -p "$root"/{bin,proc,sys,dev,lib,tmp}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$src"/*.ko "$root/lib/"
cp tests/kunit/init "$root/init"
chmod +x "$root/init"
# Without libraries, which that system does not have.
selftests=${coverage:+netlink_policy netlink_raw netlink_nested}
for test in $selftests; do
	"${CC:-gcc}" -std=gnu11 -O1 -static -D_GNU_SOURCE -I. -Iinclude/uapi -o "$root/bin/$test" \
		"tests/selftests/$test.c"
done

# UML's memory is a file, best on a tmpfs; its consoles want a pipe, not a
# terminal; and left to itself it puts a socket into the home folder.
scratch=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")" ktach-kunit.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
timeout 120 env TMPDIR="$scratch" "$kernel/linux" mem=256M root=/dev/root uml_dir="$scratch" \
	rootfstype=hostfs rootflags="$root" rw init=/init con0=fd:0,fd:1 con=null \
	panic=1 </dev/null 2>&1 | cat >"$out/log" || true
tr -d '\r' <"$out/log" >"$out/ktap"

# --- report ---------------------------------------------------------------
set +e
# A case is indented by four spaces; its failed expectations come before it.
points=$(awk -v src="$src/" '
	/^ +# Subtest: / { suite = $3 }
	/^ +# .*(EXPECTATION|ASSERTION) FAILED at/ { why = 1 }
	/^ *(not )?ok / { why = 0 }
	why { line = $0; sub(src, "", line); sub(/^[ #]*/, "", line); print "# " line }
	/^    (not )?ok [0-9]+ -? ?[a-z]/ {
		status = 0; if ($1 == "not") status = 1
		name = $0; sub(/^ +(not )?ok [0-9]+ (- )?/, "", name)
		print status, suite ": " name
	}' "$out/ktap")
got=0
while read -r status text; do
	case $status in
	0 | 1) got=$((got + 1)); ok "$status" "$text" ;;
	*) echo "# $text" ;;
	esac
done <<<"$points"
want=$(cat tests/kunit/*_kunit.c | grep -ow 'KUNIT_CASE' | wc -l)
is "$got" "$want" "all $want test cases were run"

# What init tells of each step: "step NAME: STATUS".
step() {
	check "$3" grep -qxF "step $1: $2" "$out/ktap"
}
for module in ktach_aggregator ktach_cpustat ktach_softirq ktach_cpustat_kunit ktach_softirq_kunit; do
	step "load $module" 0 "$module loads"
	step "unload $module" 0 "$module unloads"
done
for test in $selftests; do
	step "$test" 0 "$test: its points are passed"
	grep -A 6 '^not ok' "$root/tmp/$test" | sed 's/^/# /'
done
step 'bad slots' 1 "ktach_cpustat slots=3 does not load"
step 'bad period' 1 "ktach_softirq period_us=99 does not load"
step end 0 "the kernel ran to its end"

# One test provokes "cannot create duplicate filename", which is no such line.
complaints=$(grep -nE 'WARNING:|BUG:|Oops|Kernel panic|ODEBUG|corruption|scheduling while' "$out/ktap" || true)
is "$complaints" "" "the kernel has nothing to complain about"
[ "$tap_failed" -eq 0 ] || echo "# all of it: $out/log"

[ -z "$coverage" ] || bash tests/kunit/coverage.sh "$out" || tap_failed=1
done_testing
