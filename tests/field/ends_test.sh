#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the lines of files end changes nothing of what they tell: with no newline
# behind the last one, and with CRs, as what is made by hand or by another system has
# them.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
ktach=$(realpath "${B:-build}/bin/ktach")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# tell DIR SUBJECT: what a machine is told to be, but for the time of it, and what is
# used of file systems, which are this machine's. Threads read
# sensors and mounts, and a reading takes what they have found by then.
tell() {
	local interval=50ms
	case $2 in sensor | mount) interval=400ms ;; esac
	# shellcheck disable=SC2046 # all sections have no name
	"$ktach" show $([ "$2" = all ] || echo "$2") --json --from proc --interval $interval --interrupts-count 100 --disk-partitions yes \
		--proc-root "$1/proc" --sys-root "$1/sys" --root "$work/root/$tree" 2>"$1.$2.err" |
		jq -S 'walk(if type == "object" then del(.real_ns, .mono_ns, .window_ns, .interval_ns, .used_bytes, .available_bytes, .used,
			.inodes_free, .inodes_used) else . end)' >"$1.$2.json"
	sed -i "s,$1/,,g" "$1.$2.err"
}
subjects="all disk mount sensor process pressure system core interrupts facts"
tell_all() { for subject in $subjects; do tell "$1" "$subject"; done; }

# Texts of the kernel: no links, no commands, nothing that has blanks for its end.
texts() { find "$1/proc" "$1/sys" -type f ! -name cmdline ! -name environ -size +0; }
for tree in odd storage; do
	bash tests/host/trees.sh $tree "$work/$tree"
	mkdir -p "$work/root"
	mv "$work/$tree/root" "$work/root/$tree"
	cp -a "$work/$tree" "$work/$tree.chopped"
	texts "$work/$tree.chopped" | xargs -d '\n' perl -pi -e 'chomp if eof'
	cp -a "$work/$tree" "$work/$tree.returns"
	texts "$work/$tree.returns" | xargs -d '\n' perl -pi -e 's/\n/\r\n/'
	for way in "" .chopped .returns; do
		tell_all "$work/$tree$way" &
	done
done
wait
for tree in odd storage; do
	for subject in $subjects; do
		for way in chopped returns; do
			check "$tree: $subject is the same, $way" diff "$work/$tree.$subject.json" "$work/$tree.$way.$subject.json"
			check "$tree: so are complaints of $subject, $way" diff "$work/$tree.$subject.err" "$work/$tree.$way.$subject.err"
		done
	done
done
done_testing
