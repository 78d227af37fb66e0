#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print where a kernel with the checks of debug.config is, as kernel.sh does for
# Debian's: KVER, KERNEL_IMAGE, MODULES_DIR (none are built) and HEADERS_DIR (for
# KDIR=). It is built once from Debian's source, in 8 to 15 minutes on two CPUs,
# and kept in the cache. Needs no root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fragment=$here/debug.config
cc=${CC:-gcc}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ktach/debug-kernel
jobs=${JOBS:-$(nproc)}

die() {
	echo "debug_kernel.sh: $1" >&2
	exit 1
}

for tool in "$cc" flex bison bc; do
	command -v "$tool" >/dev/null || die "$tool is missing; make deps installs it"
done
source=$("$here/../../scripts/kernel_source.sh")
dir=$cache/$(basename "$source")-$(sha256sum <"$fragment" | cut -c -12)-$(basename "$cc")-$("$cc" -dumpfullversion)

# kbuild OPTION...: make in the kernel's source, into $work.
kbuild() {
	make -C "$source" O="$work" CC="$cc" -j"$jobs" "$@" >>"$work.log" 2>&1 || {
		tail -n 30 "$work.log" >&2
		die "make $* failed; all of it: $work.log"
	}
}

# What Kconfig could not give, it leaves out without a word.
verify() {
	local line missing=0
	while read -r line; do
		case $line in
		CONFIG_*) grep -qxF "$line" "$work/.config" ;;
		"# CONFIG_"*" is not set") ! grep -q "^$(expr "$line" : '# \([A-Z0-9_]*\) ')=" "$work/.config" ;;
		*) true ;;
		esac || {
			echo "debug_kernel.sh: the kernel does not have: $line" >&2
			missing=1
		}
	done <"$fragment"
	[ $missing -eq 0 ] || die "debug.config asks for what this source does not have"
}

configure() {
	kbuild KCONFIG_ALLCONFIG="$fragment" alldefconfig
	kbuild olddefconfig
	verify
}

# Modules need the configuration, the generated headers, the tools and the
# symbols; the rest is 2 GB of objects.
prune() {
	cp "$work/arch/x86/boot/bzImage" "$work/bzImage"
	find "$work" \( -name '*.o' -o -name '*.a' -o -name 'vmlinux*' -o -name '.tmp_*' \) \
		-type f -delete
	find "$work" -path "$work/scripts" -prune -o -path "$work/tools" -prune -o \
		-name '.*.cmd' -type f -exec rm -f {} +
}

build() {
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.new.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	configure
	echo "debug_kernel.sh: building $(basename "$dir") with $jobs jobs; this takes 8 to 15 minutes" >&2
	kbuild bzImage modules
	prune
	mv -T "$work" "$dir" 2>/dev/null || [ -d "$dir" ]
	rm -f "$work.log"
}

[ -d "$dir" ] || build
echo "KVER=$(cat "$dir/include/config/kernel.release")"
echo "KERNEL_IMAGE=$dir/bzImage"
echo "MODULES_DIR=$dir"
echo "HEADERS_DIR=$dir"
