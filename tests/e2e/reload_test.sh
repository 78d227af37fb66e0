#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every option of both programs is changed in the file and read again by SIGHUP:
# what the program says of it is what its table of options says, and what the API
# and the system show is what it said. The manual pages tell the same.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
unshare -n true 2>/dev/null || skip_all "no network namespace of our own: run as root"
[ -n "${OWN_NETWORK:-}" ] || OWN_NETWORK=yes exec unshare -n "$0"
. tests/e2e/collector.sh
PATH=$PATH:/usr/sbin:/sbin # for ip and tc
ip link set lo up
ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up

key() {
	"$B/ktach-collector" key "$@" 2>/dev/null
}
mkdir "$work/keys.d"
key --out "$work/keys.d/one.key"
key --out "$work/keys.d/two.key"
mkdir "$work/rules"
echo 0123456789abcdef >"$work/webhook.key"
echo fedcba9876543210 >"$work/other.key"
chmod 600 "$work/webhook.key" "$work/other.key"
printf '[ours]\nsilent = 1h\ntext = silent for {value}\n' >"$work/rules/ours.rules"
key --ed25519 --out "$work/login.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=x" -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null

# go_through KIND PROGRAM PID FILE LOG
go_through() {
	while IFS='|' read -r status text note; do
		ok "$status" "$1: $text"
		[ "$status" -eq 0 ] || echo "# $note"
	done < <(python3 tests/e2e/reload.py "$1" "$2" "$3" "$4" "$5" "$http" "$work" 2>"$work/$1.err")
	is "$(tail -n 3 "$work/$1.err")" "" "$1: all options were gone through"
}

cat >"$work/collector.conf" <<END
listen = 127.0.0.1:0
http = 127.0.0.1:0
data = $work/data
keys = $work/keys.d
END
background collector.log "$B/ktach-collector" --config "$work/collector.conf"
collector=$!
check "the collector listens" wait_for 30 grep -q 'listening on' "$work/collector.log"
feed=$(sed -n 's/.* udp 127\.0\.0\.1:\([0-9]*\),.*/\1/p' "$work/collector.log")
http=$(sed -n 's#.*http://\([0-9.:]*\)/.*#\1#p' "$work/collector.log")
cat >"$work/shipper.conf" <<END
collector = 127.0.0.1:$feed
transport = tcp
key = $work/keys.d/one.key
name = base
interval = 100ms
ship = 100ms
state = $work/state
pins = $pins
process-interval = 200ms
process-count = 1
link-interval = 200ms
END
background shipper.log "$B/ktach-shipper" --config "$work/shipper.conf"
shipper=$!
check "the node shows up" wait_for 20 api nodes/base '.process.processes and (.net.interfaces | length) == 2'
api nodes/base '.net.origin == "bpf"' >/dev/null || pins=
export pins
go_through shipper "$B/ktach-shipper" "$shipper" "$work/shipper.conf" "$work/shipper.log"
go_through collector "$B/ktach-collector" "$collector" "$work/collector.conf" "$work/collector.log"
for program in shipper collector; do
	"$B/ktach-$program" --help | sed -nE 's/^  (-[a-z], |    )--([a-z0-9-]+).* \*$/\2/p' | sort >"$work/starts"
	sed -n '/^With the next start only:$/,/^[^.]/p' "docs/man/ktach-$program.8" | sed -n 's/\\//g; s/^\.BR//p' |
		grep -oE '[a-z0-9-]+' | sort >"$work/told"
	is "$(paste -sd' ' "$work/told")" "$(paste -sd' ' "$work/starts")" "ktach-$program(8) tells what changes with the next start"
done
kill "$shipper"
wait "$shipper"
is $? 0 "the shipper ends cleanly"

# --- while it starts: here, as it waits for its configuration
kill "$collector"
wait "$collector"
for program in shipper collector; do
	conf=$work/$program.conf late=$work/late-$program.conf
	mkfifo "$late"
	sed -i "s#^state = .*#state = $work/late#" "$work/shipper.conf"
	background late.log "$B/ktach-$program" --config "$late"
	started=$!
	check "ktach-$program waits" wait_for 30 grep -q "^SigBlk:.*1$" "/proc/$started/status"
	kill -HUP "$started"
	cp "$conf" "$work/regular"
	exec 8>"$late" # once it has opened that
	mv "$work/regular" "$late"
	cat "$conf" >&8
	exec 8>&-
	check "ktach-$program is not ended by SIGHUP while it starts" wait_for 30 grep -q 'configuration read' "$work/late.log"
	kill "$started"
	wait "$started"
done
done_testing
