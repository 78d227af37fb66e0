#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build the modules once more with sparse and the extra warnings of W=1, in a
# folder of their own; fail on anything that is said about ktach's files.
set -u
B=${B:-build}
out=$(make --no-print-directory B="$B/sparse" V=1 modules \
	KMOD_FLAGS='C=2 CF=-D__CHECK_ENDIAN__ W=1' 2>&1) || {
	echo "$out" | tail -n 20
	exit 1
}
if bad=$(echo "$out" | grep -E '(kmod|include/uapi)/.*(warning|error):'); then
	echo "$bad"
	exit 1
fi
