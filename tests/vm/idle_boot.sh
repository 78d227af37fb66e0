# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced after tap.sh, in the project's folder, by those who look at an idle guest
# with and without ktach. The kernel is GUEST_KERNEL, as kernel.sh has it.
. tests/vm/modules.sh

# pack_programs SCRIPT OPTION...: without the modules, which some kernels need
# another compiler for than this system's.
pack_programs() {
	cp "$1" "$work/run"
	check "the guest's files are packed for $KVER" \
		tests/vm/initrd.sh "$work/initrd" -p "$B/tests/vm/vmexit" "${@:2}" -f "$work/run"
}

# idle_boot SECONDS QUIET PHASE...: as idle_guest.sh has them; what it counts goes to
# $work/figures, as lines "PHASE NAME VALUE". The phase "modules" builds them.
idle_boot() {
	case " $* " in
	*" modules "*) pack_modules tests/vm/idle_guest.sh "" "$B/ktach-shipper" "$B/ktach-collector" "$B/bin/ktach" "$(command -v mpstat)" ;;
	*) pack_programs tests/vm/idle_guest.sh -p "$B/ktach-shipper" -p "$B/ktach-collector" -p "$B/bin/ktach" -p "$(command -v mpstat)" ;;
	esac
	boot_modules -c 2 -t 550 -a "$(echo "$@" | tr ' ' ,)"
	is "$status" 0 "the guest ran to its end, and its kernel has nothing to complain of"
	sed -n 's/^@//p' "$work/console" >"$work/figures"
	sed -n '/^[^@]/s/^/# /p' "$work/console"
}

# figure PHASE NAME
figure() {
	awk -v p="$1" -v n="$2" '$1 == p && $2 == n { print $3 }' "$work/figures"
}
