# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by those who boot the modules in a guest, after tap.sh, in the
# project's folder. The kernel is GUEST_KERNEL, as kernel.sh has it, unless $kernel
# is set (kernel.sh's or debug_kernel.sh's answer). Makes $work, which goes with
# the script.
if [ -z "${kernel:-}" ]; then
	command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86 is not installed"
	# shellcheck disable=SC2086
	kernel=$(tests/vm/kernel.sh ${GUEST_KERNEL:-}) || skip_all "Debian's kernel cannot be had"
fi
eval "$kernel"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Where the guest's programs are.
built=$B${GUEST_ARCH:+/$GUEST_ARCH}

# build_programs FILE...: those of another architecture.
build_programs() {
	make --no-print-directory B="$built" CC="${CROSS_COMPILE}gcc --sysroot=$GUEST_ROOT" \
		CPPFLAGS="-I$GUEST_ROOT/usr/include/libnl3" \
		PKG_CONFIG="env PKG_CONFIG_SYSROOT_DIR=$GUEST_ROOT PKG_CONFIG_LIBDIR=$GUEST_ROOT/usr/lib/${CROSS_COMPILE%-}/pkgconfig pkg-config" \
		"$@" >&2
}

# pack_modules SCRIPT "SELFTEST ..." [PROGRAM]...: build the modules for the
# guest's kernel and pack them with these programs, and SCRIPT as what the guest
# runs.
pack_modules() {
	local arguments='' module program files=("$built/tests/vm/vmexit")
	flock "$B" make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >&2
	ok $? "the modules build for $KVER"
	cp "$1" "$work/run"
	for module in aggregator cpustat softirq; do
		arguments="$arguments -k $B/kmod/$KVER/ktach_$module.ko"
	done
	for program in $2; do
		files+=("$built/tests/selftests/$program")
	done
	files+=("${@:3}")
	[ "$built" = "$B" ] || check "programs for $GUEST_ARCH build" build_programs "${files[@]}"
	for program in "${files[@]}"; do
		arguments="$arguments -p $program"
	done
	# shellcheck disable=SC2086
	check "the guest's files are packed" tests/vm/initrd.sh "$work/initrd" $arguments \
		-f "$work/run" -f tests/tap.sh -f tests/vm/modules_guest.sh
}

# boot_modules OPTION...: boot it with run.sh's options; its console goes to
# $work/console, its status to $status.
boot_modules() {
	tests/vm/run.sh "$@" "$KERNEL_IMAGE" "$work/initrd" | sed -u 's/\r$//' >"$work/console"
	status=${PIPESTATUS[0]}
}
