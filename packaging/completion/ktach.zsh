#compdef ktach ktach-shipper ktach-collector
# SPDX-License-Identifier: GPL-2.0-or-later
# zsh completion of ktach(1), ktach-shipper(8) and ktach-collector(8); by the names
# of all three, with _ before them, in a folder of $fpath.
# What is offered is taken from the program's own --help, with its texts: that is
# printed from the tables that the program reads its command line by.
setopt local_options extended_glob no_nomatch

local program=$words[1] command= line REPLY context state state_descr
local -a specs commands operands match
local -A opt_args
[[ $CURRENT -gt 2 && $words[2] != -* ]] && command=$words[2]

# _ktach_action ARGUMENT: how _arguments completes it; in REPLY.
_ktach_action() {
	case $1 in
	*FILE*) REPLY=_files ;;
	*DIR*) REPLY='_files -/' ;;
	[a-z]*\|*) REPLY="(${1//\|/ })" ;;
	*) REPLY=' ' ;;
	esac
}

# _ktach_spec NAME ARGUMENT TEXT
_ktach_spec() {
	local text=${3//(#m)[\[\]:\\]/\\$MATCH}
	_ktach_action $2
	specs+=("$1[$text]${2:+:${2//:/\\:}:$REPLY}")
}

for line in ${(f)"$(_call_program options ${(q)program} $command --help 2>/dev/null)"}; do
	if [[ $line =~ '^  (-([a-zA-Z]), |    )(--[a-z0-9-]+)( ([^ ]+))?  +(.*)$' ]]; then
		local letter=$match[2] name=$match[3] argument=$match[5] text=$match[6]
		_ktach_spec $name "$argument" $text
		[[ -z $letter ]] || _ktach_spec -$letter "$argument" $text
	elif [[ $program = *ktach-shipper && $line =~ '^      ([a-z]+) +(.*)$' ]]; then
		_ktach_spec --$match[1]-interval TIME "$match[2]"
		_ktach_spec --$match[1]-enabled 'yes|no' "$match[2]"
	elif [[ $line =~ '^  ([a-z]+)( [A-Za-z|]+| \[[A-Z]+\])* +(.*)$' ]]; then
		# Commands; with a command before, subjects of 'ktach show'.
		commands+=("$match[1]:$match[3]")
	elif [[ $line =~ '^Sections: (.*)\.$' ]]; then
		operands+=(${=${match[1]//[(),]/}:#or})
	elif [[ $line =~ '^Usage: .*[ []([a-z]+([|][a-z]+)+)\]' ]]; then
		operands+=(${(s:|:)match[1]})
	fi
done

if [[ -n $command ]]; then
	shift words
	((CURRENT--))
fi
_arguments -S $specs '*:operand:->operand' && return
[[ $state == operand ]] || return
case $command-$words[CURRENT-1] in
-*) _describe command commands ;;
set-set) compadd period bursts ;;
set-bursts) compadd freeze run ;;
set-period) compadd - ${${(f)"$($program sources --csv 2>/dev/null)"}[2,-1]%%,*} ;;
(record|replay)-(record|replay)) _files ;;
*) compadd -a operands; _describe operand commands ;;
esac
