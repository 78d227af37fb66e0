#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What bash offers after "ktach ...": every command, option and section; and
# after "ktach-shipper ..." and "ktach-collector ...".
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. packaging/completion/ktach.bash
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
is "$(offered show --sort '')" "number activity" "an order"
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
	_ktach
	echo "${COMPREPLY[*]}"
}
is "$(shipper_offered --memory-)" "--memory-enabled --memory-interval --memory-no-paging" "the options of a source"
is "$(shipper_offered --coll)" "--collector" "an option of the shipper"
is "$(shipper_offered --disk-enabled '')" "yes no" "yes or no"
is "$(shipper_offered --transport t)" "tcp" "a transport"
is "$(shipper_offered --proc-root /pro)" "/proc" "a folder"
is "$(shipper_offered --memory-interval '')" "" "nothing where a duration is due"

# collector_offered WORD...: behind ktach-collector.
collector=$(realpath "${B:-build}/ktach-collector")
collector_offered() {
	COMP_WORDS=("$collector" "$@")
	COMP_CWORD=$#
	_ktach
	echo "${COMPREPLY[*]}"
}
is "$(collector_offered '')" "key enroll token export check fleet agent rules" "the collector's commands"
is "$(collector_offered --keep)" "--keep --keep-1min --keep-5min" "its options, with digits in them"
is "$(collector_offered key --re)" "--restore --revoke" "a command's options"
is "$(collector_offered --tls-cert READ)" "README.md" "a file"
is "$(collector_offered --keys pack)" "packaging" "a file or a folder"
is "$(collector_offered --unsealed --lo)" "--log --login" "an option after one without an argument"
done_testing
