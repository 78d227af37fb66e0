# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by those who try the netlink family in guests, after tap.sh, in the
# project's folder: GUEST_KERNEL as in ring_test.sh.
programs="policy raw client nested agree unload fuzz crowd duty"

. tests/vm/modules.sh
# shellcheck disable=SC2086
pack_modules tests/vm/netlink_guest.sh "$(printf 'netlink_%s ' $programs)"

# guest TITLE OPTION... -- TEST...: boot, and run these.
guest() {
	local title=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	boot_modules "${options[@]}" -a "$(IFS=,; echo "$*")"
	relay "$work/console" "$title: "
	is "$status" 0 "$title: the guest ran to its end, and its kernel has nothing to complain of"
	is "$plans plans, $points points" "$(($# + 1)) plans, $planned points" "$title: every part of it was gone through"
}
