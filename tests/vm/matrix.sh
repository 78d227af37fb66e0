#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: matrix.sh [NAME|SUITE/FLAVOUR]...
# The kernel modules on every kernel that Debian users run: build them, look
# where their compatibility comes from (compat.sh), boot the kernel and go
# through everything that the rings promise (ring_test.sh, timing_test.sh), netlink
# (netlink_test.sh), CPUs that go and come (return.sh), and what is said beside mpstat
# (idle_test.sh); on another architecture, the shipper instead (foreign_shipper.sh). TAP, and a table at the end. A NAME is one of those below, SUITE/FLAVOUR any that Debian has, such
# as sid/amd64. A kernel that cannot be had is skipped, with the reason.
# MATRIX_SECONDS: how long samples are compared with /proc in each, 9;
# MATRIX_RETURNS: how often CPUs go and come at each period, 3.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
unset MAKEFLAGS MAKELEVEL # a make above us would add its warnings to the builds
export B=${B:-build}
logs=$B/test/log
mkdir -p "$logs"
arch=$(dpkg --print-architecture)

# name, suites of Debian to find it in, flavour of the kernel
kernels="
6.1            bookworm             $arch
6.1-rt         bookworm             rt-$arch
6.12-bookworm  bookworm             6.12-$arch
7              trixie-backports,sid $arch
6.12           trixie               $arch
6.1-arm64      bookworm             arm64
"

# Programs for the guest bring what they need: they are the same for all kernels.
guest_programs() {
	local source
	for source in tests/selftests/ring*.c tests/selftests/netlink*.c tests/vm/*.c; do
		echo "$B/${source%.c}"
	done
}

# noted COMMAND...: what it says on stderr is shown and kept, for a reason.
noted() {
	{
		"$@" 2>&1 >&3 | tee "$logs/matrix-reason" >&2
		return "${PIPESTATUS[0]}"
	} 3>&1
}

# find_kernel SUITE,... FLAVOUR: set what kernel.sh prints, and suite.
find_kernel() {
	local found
	for suite in ${1//,/ }; do
		found=$(noted tests/vm/kernel.sh "$suite" "$2") &&
			eval "$found" && return
	done
	return 1
}

# The compiler that the kernel itself was built with.
compiler_of() {
	sed -n 's/^CONFIG_CC_VERSION_TEXT="\?[^ ]*\(gcc-[0-9]*\) .*/\1/p' "$HEADERS_DIR/include/config/auto.conf"
}

# What this system lacks to build with these headers; nothing if it has all.
lacks() {
	command -v "$1" >/dev/null || echo "$1"
	[ ! -e "$HEADERS_DIR/vmlinux" ] || command -v pahole >/dev/null || echo pahole
	find -L "$HEADERS_DIR"/scripts "$HEADERS_DIR"/tools -type f -perm -u+x \
		-exec sh -c 'ldd "$1" 2>&1 | grep "not found"' _ {} \;
} 2>/dev/null

# Sets KMOD_IN, which the Makefile puts before the kernel's own make.
find_tools() {
	local compiler root
	compiler=$(compiler_of)
	export KMOD_IN=
	[ -n "$(lacks "${CROSS_COMPILE:-}$compiler")" ] || return 0
	if [ "${CROSS_COMPILE:-}" ]; then
		echo "$CROSS_COMPILE$compiler is not installed" | tee "$logs/matrix-reason" >&2
		return 1
	fi
	root=$(noted tests/vm/matrix_root.sh "$suite" "$compiler") || return
	KMOD_IN="$PWD/tests/vm/matrix_in.sh $root $MODULES_DIR $(realpath "$B") --"
}

# The compiler that a module says it was made by.
made_by() {
	readelf -p .comment "$B/kmod/$KVER/ktach_aggregator.ko" |
		sed -n 's/.*GCC: (.*) /gcc /p' | head -n 1
}

# part TEST: run it; its points are counted, and those that failed are shown.
part() {
	local log status
	log=$logs/matrix-$name-$(basename "$1" .sh).tap
	"$1" >"$log" 2>"$log.err"
	status=$?
	passed=$((passed + $(grep '^ok ' "$log" | grep -vci '# *skip')))
	skipped=$((skipped + $(grep '^ok ' "$log" | grep -ci '# *skip')))
	failed=$((failed + $(grep -c '^not ok ' "$log")))
	[ $status -eq 0 ] && grep -q '^1\.\.[1-9]' "$log"
	ok $? "$name ($KVER): every point of $(basename "$1") that ran has passed" "$log"
	grep -iE '# *skip' "$log" | sed 's/^ok [0-9]* - /# skipped: /'
	[ $status -eq 0 ] || {
		grep -E -A 6 '^(not ok|# exit)' "$log" | sed 's/^/# /'
		tail -n 5 "$log.err" | sed 's/^/# | /'
		echo "# all of it: $log, $log.err"
	}
}

build() {
	local log=$logs/matrix-$name-build.log status
	# From scratch: a warning is only seen once.
	rm -rf "${B:?}/kmod/${KVER:?}"
	make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >"$log" 2>&1
	status=$?
	built=failed compiler="-"
	ok $status "$name ($KVER): the modules build"
	[ $status -eq 0 ] || {
		tail -n 20 "$log" | sed 's/^/# /'
		return 1
	}
	built=ok compiler=$(made_by)
	is "$(grep -E 'warning:|WARNING' "$log")" "" "$name ($KVER): without a warning"
}

row() {
	printf '%-14s %-26s %-11s %-7s %6s %6s %7s %5s\n' "$@" >>"$logs/matrix.table"
}

# matrix NAME SUITES FLAVOUR
matrix() {
	local name=${1/\//-} start=$SECONDS passed=0 failed=0 skipped=0 built compiler suite
	echo "matrix.sh: $name" >&2
	if ! find_kernel "$2" "$3" || ! find_tools; then
		skip "$name: the modules" "$(tail -n 1 "$logs/matrix-reason")"
		row "$name" "$2" - skipped - - - -
		return
	fi
	export GUEST_KERNEL="$suite $3" GUEST_SECONDS=${MATRIX_SECONDS:-9}
	if build; then
		part tests/vm/compat.sh
		part tests/vm/ring_test.sh
		part tests/vm/timing_test.sh
		part tests/vm/netlink_test.sh
		RETURNS=${MATRIX_RETURNS:-3} part tests/vm/return.sh
		if [ -n "${GUEST_ARCH:-}" ]; then
			part tests/vm/foreign_shipper.sh
		else
			part tests/vm/idle_test.sh
		fi
	fi
	row "$name" "$KVER" "$compiler" "$built" "$passed" "$failed" "$skipped" $((SECONDS - start))
}

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
# shellcheck disable=SC2046
make --no-print-directory B="$B" $(guest_programs) >"$logs/matrix-programs.log" 2>&1 || {
	tail -n 20 "$logs/matrix-programs.log" >&2
	exit 1
}
# The tests' own scratch: where a chroot that builds for them sees it.
TMPDIR=$(realpath "$(mktemp -d "$B/matrix.XXXXXX")")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
: >"$logs/matrix.table"
row kernel release compiler build passed failed skipped s
ran=0
while read -r name suites flavour; do
	[ -n "$name" ] || continue
	if [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; then
		ran=$((ran + 1))
		matrix "$name" "$suites" "$flavour" </dev/null
	fi
done <<<"$kernels"
for name; do
	[[ $name == */* ]] || continue
	ran=$((ran + 1))
	matrix "$name" "${name%%/*}" "${name#*/}" </dev/null
done
[ $ran -gt 0 ] || {
	echo "matrix.sh: no kernel of that name; there are: $(awk '{ print $1 }' <<<"$kernels" | xargs)" >&2
	exit 2
}
sed 's/^/# /' "$logs/matrix.table"
done_testing
