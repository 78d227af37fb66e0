#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print the folder of a built UML kernel for the KUnit tests. It is built once
# from Debian's kernel source (3 minutes on two CPUs) and kept in the cache by
# what it is made from: source, configuration and compiler. Needs no root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(bash "$here/../../scripts/kernel_source.sh")
config=$here/kunit.config
# Room for the registers of a process, in bytes. UML's is as of AVX-512: on a
# processor with AMX, 11 kB, the first process dies of it.
registers=12288
key=${source##*/}-$({ cat "$config"; echo $registers; "${CC:-gcc}" --version | head -n 1; } | sha256sum | cut -c 1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/uml
dir=$cache/$key
if [ ! -x "$dir/linux" ]; then
	echo "kernel.sh: building a UML kernel, once (log: $cache/$key.log)" >&2
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	trap 'rm -rf "$work" "$work.source"' EXIT
	# Links to the source, which stays clean, but for that file.
	if [ ! -d "$dir.source" ]; then
		cp -al "$source" "$work.source"
		sed -i "s/\(HOST_FP_SIZE, \)2696/\1$registers/" "$work.source/arch/x86/um/user-offsets.c"
		mv -T "$work.source" "$dir.source" 2>/dev/null || [ -d "$dir.source" ]
	fi
	uml() {
		make -s -C "$dir.source" ARCH=um O="$work" CC="${CC:-gcc}" "$@" >>"$cache/$key.log" 2>&1 </dev/null || {
			tail -n 20 "$cache/$key.log" >&2
			exit 1
		}
	}
	: >"$cache/$key.log"
	cp "$config" "$work/.config"
	uml olddefconfig
	# An option that olddefconfig dropped would only show as a strange failure.
	missing=$(grep '^CONFIG_.*=y' "$config" | grep -vxFf "$work/.config" || true)
	if [ -n "$missing" ]; then
		echo "kernel.sh: this source does not take" $missing >&2
		exit 1
	fi
	uml -j"$(nproc)" linux modules
	find "$work" -name '*.o' -delete
	mv -T "$work" "$dir" 2>/dev/null || [ -x "$dir/linux" ]
fi
echo "$dir"
