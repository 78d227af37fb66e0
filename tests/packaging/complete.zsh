# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: zsh -f complete.zsh LINE
# Print what zsh makes of a line when Tab is pressed at its end.
zmodload zsh/zpty
zpty shell "zsh -f -i"
zpty -w shell "PS1=; unsetopt prompt_cr prompt_sp zle_bracketed_paste; autoload -U compinit; compinit -u -D; show() { print -r -- \"<<\$BUFFER>>\"; }; zle -N show; bindkey '^X' show; print ready''now"
while zpty -r shell line '*'$'\n' && [[ $line != *readynow* ]]; do :; done
zpty -w -n shell "$1"$'\t\C-x'
zpty -r shell line '*<<*>>*'
line=${line##*<<}
print -r -- ${${line%%>>*}% }
zpty -d shell
