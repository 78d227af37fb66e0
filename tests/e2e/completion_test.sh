#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What bash offers after "ktach ...": every command, option and section; and
# after "ktach-shipper ...".
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. packaging/ktach.bash
ktach=$(realpath "${B:-build}/bin/ktach")

# offered WORD...: for the last of these words, behind ktach.
offered() {
	COMP_WORDS=("$ktach" "$@")
	COMP_CWORD=$#
	_ktach
	echo "${COMPREPLY[*]}"
}

commands=$("$ktach" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' | uniq | tr '\n' ' ')
is "$(offered '') " "$commands" "the commands that --help has"
for command in $commands; do
	options=$("$ktach" "$command" --help | sed -n 's/^  [- ].*\(--[a-z-]*\).*/\1/p' | sort -u | tr '\n' ' ')
	is "$(offered "$command" --) " "$options" "the options of $command"
done
is "$(offered --j)" "--json" "an option without a command"
is "$(offered sh)" "show" "a command that is begun"
is "$(offered watch s)" "softirq" "a section"
is "$(offered show s)" "softirq sensor system" "a section or a subject"
is "$(offered show cpu --from ne)" "netlink" "an origin"
is "$(offered watch --sort '')" "number activity" "an order"
is "$(offered replay README)" "README.md" "a file"
is "$(offered replay file to)" "top" "a view of it"
is "$(offered set '')" "period bursts" "what can be set"
is "$(offered set bursts '')" "freeze run" "what recordings are told"
is "$(offered show --interval '')" "" "nothing where a number is due"

# shipper_offered WORD...: for the last of these words, behind ktach-shipper.
shipper=$(realpath "${B:-build}/ktach-shipper")
shipper_offered() {
	COMP_WORDS=("$shipper" "$@")
	COMP_CWORD=$#
	_ktach_shipper
	echo "${COMPREPLY[*]}"
}
is "$(shipper_offered --memory-)" "--memory-no-paging --memory-interval --memory-enabled" "the options of a source"
is "$(shipper_offered --coll)" "--collector" "an option of the shipper"
is "$(shipper_offered --disk-enabled '')" "yes no" "yes or no"
is "$(shipper_offered --transport t)" "tcp" "a transport"
is "$(shipper_offered --proc-root /pro)" "/proc" "a folder"
is "$(shipper_offered --memory-interval '')" "" "nothing where a duration is due"
done_testing
