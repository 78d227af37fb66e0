# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of ktach(1), ktach-shipper(8) and ktach-collector(8); by all
# three names in bash-completion/completions.
# Commands, options, their arguments and operands are taken from the program's own
# --help, which is printed from the tables that it reads its command line by.

# _ktach_options PROGRAM [COMMAND]: "--NAME ARGUMENT" of each, and "-L ARGUMENT".
# Sources of the shipper have two options each, which --help tells of in one line.
_ktach_options() {
	"$@" --help 2>/dev/null | sed -nE '
		s/^  (-[a-zA-Z]), (--[a-z0-9-]+)( [^ ]+)?  .*/\1\3\n\2\3/p
		s/^      (--[a-z0-9-]+)( [^ ]+)?  .*/\1\2/p
		/^Sources/,/^$/s/^      ([a-z]+) .*/--\1-interval TIME\n--\1-enabled yes|no/p'
}

# _ktach_commands PROGRAM: each once.
_ktach_commands() {
	"$1" --help 2>/dev/null | sed -nE '/^Commands/,/^$/s/^  ([a-z]+) .*/\1/p' | uniq
}

# _ktach_operands PROGRAM COMMAND: words that may be one, where they are known.
_ktach_operands() {
	"$@" --help 2>/dev/null | sed -nE '
		/^Usage: .*[ []([a-z]+(\|[a-z]+)+)\].*/{s//\1/;y/|/\n/;p}
		/^Sections: /{s///;s/ \(or ([a-z]+)\)/, \1/;s/[,.]//g;y/ /\n/;p}
		/^Subjects/,/^$/s/^  ([a-z]+) .*/\1/p'
}

# _ktach_words WORDS: those that go on with what stands at the cursor.
_ktach_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_ktach_files() {
	mapfile -t COMPREPLY < <(compgen "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

# _ktach_argument ARGUMENT: as --help names it.
_ktach_argument() {
	case $1 in
	*FILE*) _ktach_files -f ;;
	*DIR*) _ktach_files -d ;;
	[a-z]*\|*) _ktach_words "${1//|/ }" ;;
	esac
}

# What 'ktach set' takes is no list.
_ktach_set() {
	case $COMP_CWORD-${COMP_WORDS[COMP_CWORD - 1]} in
	2-*) _ktach_words "period bursts" ;;
	3-bursts) _ktach_words "freeze run" ;;
	3-period) _ktach_words "$("$1" sources --csv 2>/dev/null | sed '1d; s/,.*//')" ;;
	esac
}

# The first operand of these is a file.
_ktach_operand() {
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	case $2 in
	set) _ktach_set "$1" ;;
	record | replay)
		if [ "$COMP_CWORD" -eq 2 ] || [[ $before == -* ]]; then
			_ktach_files -f
		else
			_ktach_words "$(_ktach_operands "$1" "$2")"
		fi
		;;
	?*) _ktach_words "$(_ktach_operands "$1" "$2")" ;;
	esac
}

_ktach() {
	local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} command='' option argument
	local before=${COMP_WORDS[COMP_CWORD - 1]} options
	[ "$COMP_CWORD" -gt 1 ] && [[ ${COMP_WORDS[1]} != -* ]] && command=${COMP_WORDS[1]}
	COMPREPLY=()
	options=$(_ktach_options "$program" ${command:+"$command"})
	while read -r option argument; do
		if [ "$option" = "$before" ] && [ -n "$argument" ]; then
			_ktach_argument "$argument"
			return
		fi
	done <<<"$options"
	if [[ $word == -* ]]; then
		_ktach_words "$(grep -oE '^--[^ ]+' <<<"$options" | sort -u)"
	elif [ "$COMP_CWORD" -eq 1 ]; then
		_ktach_words "$(_ktach_commands "$program")"
	else
		_ktach_operand "$program" "$command"
	fi
}
complete -F _ktach ktach ktach-shipper ktach-collector
