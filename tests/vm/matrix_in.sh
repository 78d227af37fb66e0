#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: matrix_in.sh ROOT FOLDER... -- COMMAND...
# Run a command in ROOT, where the FOLDERs, and the folder that this one is in,
# are seen at their own paths. What is mounted for that goes with the command.
set -eu
root=$1
shift
if [ "${MATRIX_IN:-}" != mounted ]; then
	own=(--mount)
	[ "$(id -u)" -eq 0 ] || own+=(--user --map-root-user)
	MATRIX_IN=mounted exec unshare "${own[@]}" "$0" "$root" "$@"
fi

here=$PWD
see() {
	mkdir -p "$root$1"
	mount --rbind "$1" "$root$1"
}
see /dev
see /proc
see "$here"
while [ "$1" != -- ]; do
	see "$1"
	shift
done
shift
unset MATRIX_IN
PATH=/usr/sbin:/usr/bin:/sbin:/bin exec chroot "$root" \
	sh -c 'cd "$0" && exec "$@"' "$here" "$@"
