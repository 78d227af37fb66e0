# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of ktach(1) and ktach-shipper(8); by both names in
# /usr/share/bash-completion/completions.
# Options are taken from the command's own --help, so that none is missed: from
# their lines, as its text may tell of another command's.

_ktach_options() {
	"$1" "${@:2}" --help 2>/dev/null |
		sed -nE 's/^  (-[a-zA-Z], |    )(--[a-z][a-z-]*).*/\2/p' | sort -u
}

# _ktach_words WORDS: those that go on with what stands at the cursor.
_ktach_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_ktach() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
	local sections="cpu softirq net mem load"
	local subjects="disk mount link sensor process memory pressure system core interrupts facts"
	COMPREPLY=()
	case $before in
	-f | --from) _ktach_words "best netlink ring proc"; return ;;
	-s | --sort) _ktach_words "number activity"; return ;;
	--pins | --proc-root | --sys-root | --root) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
	--memory-no-paging | --disk-partitions | --process-command-lines | --process-no-bpf) _ktach_words "yes no"; return ;;
	-i | --interval | -n | --count | -x | --speed) return ;;
	esac
	if [[ $word == -* ]]; then
		[[ $command == -* ]] && command=
		_ktach_words "$(_ktach_options "$program" $command)"
	elif [ "$COMP_CWORD" -eq 1 ]; then
		_ktach_words "sources show top watch record replay set doctor"
	else
		case $command in
		show) _ktach_words "$sections $subjects" ;;
		watch) _ktach_words "$sections" ;;
		record | replay)
			if [ "$COMP_CWORD" -eq 2 ] || [[ $before == -* ]]; then
				mapfile -t COMPREPLY < <(compgen -f -- "$word")
			elif [ "$command" = replay ]; then
				_ktach_words "$sections top"
			fi
			;;
		set)
			if [ "$COMP_CWORD" -eq 2 ]; then
				_ktach_words "period bursts"
			elif [ "$COMP_CWORD" -eq 3 ] && [ "$before" = bursts ]; then
				_ktach_words "freeze run"
			elif [ "$COMP_CWORD" -eq 3 ]; then
				_ktach_words "$("$program" sources --csv 2>/dev/null | sed '1d; s/,.*//')"
			fi
			;;
		esac
	fi
}
complete -F _ktach ktach

# Options of --help, and those that each of its sources has.
_ktach_shipper_options() {
	local source
	_ktach_options "$1"
	"$1" --help 2>/dev/null | sed -n '/^Sources/,/^$/s/^      \([a-z]*\) .*/\1/p' |
		while read -r source; do
			printf -- '--%s-interval\n--%s-enabled\n' "$source" "$source"
		done
}

_ktach_shipper() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	case $before in
	-f | --config | -k | --key | --pid-file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	-s | --state | --spool | --pins | --*root) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	-t | --transport) _ktach_words "udp tcp" ;;
	--log) _ktach_words "error warning info debug" ;;
	--*-enabled | --ring-timing | --ring-no-bpf | --memory-no-paging | --disk-partitions | --process-command-lines | --process-no-bpf) _ktach_words "yes no" ;;
	*) [[ $word == -* ]] && _ktach_words "$(_ktach_shipper_options "${COMP_WORDS[0]}")" ;;
	esac
}
complete -F _ktach_shipper ktach-shipper
