# SPDX-License-Identifier: GPL-2.0-or-later
# A terminal for tests, by tmux: source this after tests/e2e/collector.sh. It has
# a server of its own, which ends with the test.
tmux_socket=$work/tmux
trap 'tmux -S "$tmux_socket" kill-server 2>/dev/null; finish' EXIT

# terminal COLUMNS ROWS COMMAND: run it; its exit status goes to $work/status.
# The server stays without a session: one that ends takes a new one with it.
terminal() {
	rm -f "$work/status"
	tmux -S "$tmux_socket" -f /dev/null new-session -d -s "${pane:=p}" -x "$1" -y "$2" \
		"$3; echo \$? >$work/status; sleep 600" ';' set-option -s exit-empty off
}

# screen [OPTION...]: what is on it now.
screen() {
	tmux -S "$tmux_socket" capture-pane -p -t "$pane" "$@"
}

keys() {
	tmux -S "$tmux_socket" send-keys -t "$pane" "$@"
}

resize() {
	tmux -S "$tmux_socket" resize-window -t "$pane" -x "$1" -y "$2"
}

terminal_end() {
	tmux -S "$tmux_socket" kill-session -t "$pane"
}

# shows PATTERN [OPTION...]: is it on the screen?
shows() {
	local pattern=$1
	shift
	screen "$@" | grep -qE -- "$pattern"
}

# widest: columns of the longest line.
widest() {
	screen | LC_ALL=C.UTF-8 wc -L
}
