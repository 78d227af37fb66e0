# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# TAP for shell tests: source this, call ok and skip, end with done_testing.

tap_count=0
tap_failed=0

# ok STATUS TEXT [FILE...]: one point; STATUS is the exit status of what was checked.
# When it failed, shows the end of each file.
ok() {
	local tap_file
	tap_count=$((tap_count + 1))
	[ "$1" -ne 0 ] || { echo "ok $tap_count - $2" && return; }
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $2"
	shift 2
	for tap_file; do
		# A test may have functions of these names.
		command tail -n 5 "$tap_file" 2>&1 | command cut -c 1-1000 | command sed 's/^/# /'
	done
}

# is GOT WANT TEXT: one point; shows both when they differ.
is() {
	[ "$1" = "$2" ]
	ok $? "$3"
	[ "$1" = "$2" ] || echo "# got '$1', expected '$2'"
}

# check TEXT COMMAND...: one point, that the command succeeds; when it does not,
# shows which it was, what it said, and the end of a file that it was given last.
check() {
	# What the command reads may have any other name.
	local tap_text=$1 tap_said tap_status tap_last
	shift
	tap_said=$("$@" 2>&1)
	tap_status=$?
	ok "$tap_status" "$tap_text"
	[ "$tap_status" -ne 0 ] || return 0
	for tap_last; do :; done
	{
		printf '%s\n' "status $tap_status of: $*" ${tap_said:+"$tap_said"}
		[ ! -f "$tap_last" ] || command tail -n 5 "$tap_last"
	} | command head -n 20 | command cut -c 1-1000 | command sed 's/^/# /'
}

# jq ...: as it is, but that -e needs an answer: of no text at all jq 1.6 says that it holds.
jq() {
	local tap_said tap_status
	case $1 in
	--*) command jq "$@" ;;
	-*e*)
		tap_said=$(command jq "$@")
		tap_status=$?
		[ -z "$tap_said" ] || printf '%s\n' "$tap_said"
		[ "$tap_status" -ne 0 ] || [ -n "$tap_said" ] || tap_status=4
		return $tap_status
		;;
	*) command jq "$@" ;;
	esac
}

# within LOW NUMBER HIGH: it is neither less nor more.
within() { [ "$2" -ge "$1" ] && [ "$2" -le "$3" ]; }

# fails COMMAND...: it does not succeed; check shows what it says when it does.
fails() { ! "$@"; }

# told PATTERN COMMAND...: the command says a line like that (grep -E); all that it
# says when it does not.
told() {
	local tap_pattern=$1 tap_told
	shift
	tap_told=$("$@" 2>&1)
	printf '%s\n' "$tap_told" | grep -qE -e "$tap_pattern" && return
	printf '%s\n' "$tap_told"
	return 1
}

# holds FILTER COMMAND...: the command says JSON of which this is true (jq -e); what it
# says when it is not.
holds() {
	local tap_filter=$1 tap_told
	shift
	tap_told=$("$@")
	# To jq 1.6 nothing is as good as true.
	[ -n "$tap_told" ] || return 1
	printf '%s\n' "$tap_told" | jq -e "$tap_filter" >/dev/null 2>&1 && return
	printf '%s\n' "$tap_told"
	return 1
}

# into FILE COMMAND...: what it says goes there; the end of that when it fails.
into() {
	local tap_file=$1 tap_status
	shift
	"$@" >"$tap_file" 2>&1
	tap_status=$?
	[ $tap_status -eq 0 ] || tail -n 5 "$tap_file"
	return $tap_status
}

# points FILE: the points that another program left there ("ok - TEXT") as ours, and
# the rest as comments.
points() {
	local tap_line
	while IFS= read -r tap_line; do
		case $tap_line in
		"ok - "*" # SKIP "*)
			tap_line=${tap_line#ok - }
			skip "${tap_line%% # SKIP *}" "${tap_line##* # SKIP }"
			;;
		"ok - "*) ok 0 "${tap_line#ok - }" ;;
		"not ok - "*) ok 1 "${tap_line#not ok - }" ;;
		*) echo "# ${tap_line#\# }" ;;
		esac
	done <"$1"
}

# refused STATUS TEXT PATTERN COMMAND...: two points: the program ends within 10 s with
# that status; it complains of one thing, in a line like that (grep -E), but for a
# pointer to its help.
refused() {
	local tap_status=$1 tap_text=$2 tap_pattern=$3 tap_said
	shift 3
	tap_said=$(timeout 10 "$@" 2>&1 >/dev/null)
	is $? "$tap_status" "$tap_text: exit status $tap_status"
	tap_said=$(printf '%s\n' "$tap_said" | grep -v "^Try '")
	[ "$(printf '%s\n' "$tap_said" | wc -l)" -eq 1 ] &&
		printf '%s\n' "$tap_said" | grep -qE -e "$tap_pattern"
	tap_status=$?
	ok $tap_status "$tap_text: one line that says so"
	[ $tap_status -eq 0 ] || printf '%s\n' "$tap_said" | sed 's/^/# /'
}

# patience NUMBER: as much of it as there is patience for what must come. Where a
# fault was planted, most of it never does: PATIENCE is per cent.
patience() {
	echo $((($1 * ${PATIENCE:-100} + 99) / 100))
}

# wait_for SECONDS COMMAND...: until it succeeds, with patience; what it says at last
# when it does not.
wait_for() {
	local tap_tries
	tap_tries=$(($(patience "$1") * 10))
	shift
	while [ $tap_tries -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
		tap_tries=$((tap_tries - 1))
	done
	"$@"
}

# skip TEXT REASON
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# skip_all REASON: the whole file.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# relay FILE [PREFIX]: the points in a guest's console as ours, the rest as
# comments; sets plans, planned and points, to be held against each other.
relay() {
	plans=0 planned=0 points=0
	while read -r line; do
		case $line in
		"ok "*"# SKIP "*)
			text=${line#* - }
			skip "${2:-}${text% # SKIP *}" "${line#*# SKIP }"
			points=$((points + 1))
			;;
		"ok "*) ok 0 "${2:-}${line#* - }"; points=$((points + 1)) ;;
		"not ok "*) ok 1 "${2:-}${line#* - }"; points=$((points + 1)) ;;
		"1..0 # SKIP "*) skip "${2:-}a whole test" "${line#*# SKIP }" ;;
		1..[0-9]*) plans=$((plans + 1)) planned=$((planned + ${line#1..})) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$1"
}

done_testing() {
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}
