# SPDX-License-Identifier: GPL-2.0-or-later
# In the container of services_test.sh, once it is up: TAP of what both services
# do there, in /results/tap.
. /tests/tap.sh
mkdir -p /results
exec >/results/tap 2>&1
both="ktach-collector ktach-shipper"

# api PATH: of the collector.
api() {
	exec 3<>/dev/tcp/127.0.0.1/8766 || return
	printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
	sed '1,/^\r$/d' <&3
	exec 3>&-
}
has() { api "$1" 2>/dev/null | grep -q "$2"; }
said() { journalctl -o cat -u "$1" | grep -q "$2"; }
as() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
owner() { stat -c %U "$@" | sort -u | xargs; }
files_of_nobody() { find /var/lib/ktach /etc/ktach -user ktach -o -group ktach -o -nouser; }
runs() { systemctl -q is-active $both; }
received() { api "/api/v1/nodes/$node" | sed -n 's/.*"received":\([0-9]*\).*/\1/p'; }
more_than() { [ "$(received)" -gt "$1" ]; }

node=$(cat /var/lib/ktach/node-id)
# The shipper first: it leaves what the collector's configuration names.
systemctl start ktach-shipper
systemctl start ktach-collector
check "both start" runs
check "the node that was there is there again, with figures" wait_for 60 has "/api/v1/nodes/$node" '"state":"fresh"'
check "sealed, under the keys that were there" has "/api/v1/health" '"unsealed":0,.*"key":0,.*"forged":0'
is "$(files_of_nobody)" "" "nothing is the old user's any more"
is "$(owner /var/lib/ktach/collector /var/lib/ktach/collector/history.db /var/lib/ktach/keys /var/lib/ktach/keys/fleet.key)" \
	ktach-collector "history and fleet key are the collector's"
is "$(owner /var/lib/ktach/node-id /var/lib/ktach/session /var/lib/ktach/spool /etc/ktach/node.key)" ktach-shipper \
	"node id, session, spool and node key the shipper's"
is "$(stat -c '%U:%G %a' /var/lib/ktach)" "root:ktach-shipper 1775" "the folder of both is root's"
is "$(stat -c %U:%G /var/lib/ktach/keys/note)" root:ktach-collector "what the group could read, the collector still can"
for path in /var/lib/ktach/keys/fleet.key /var/lib/ktach/collector/history.db; do
	check "the shipper's user cannot read $path" fails as ktach-shipper cat $path
done
check "nor take the collector's folder away" fails as ktach-shipper mv /var/lib/ktach/collector /var/lib/ktach/mine
for path in /etc/ktach/node.key /var/lib/ktach/spool; do
	check "the collector's user cannot read $path" eval '! as ktach-collector ls $path/ && ! as ktach-collector cat $path'
done
check "the shipper's user is in the group of the rings" eval "id -nG ktach-shipper | grep -qw ktach"
is "$(id -nG ktach-collector)" ktach-collector "the collector's is in none but its own"

sed -i 's/^name = .*/name = after/' /etc/ktach/shipper.conf
echo 'log = debug' >>/etc/ktach/collector.conf
systemctl reload $both
for unit in $both; do check "$unit reads its configuration again" wait_for 20 said $unit 'configuration read'; done
check "the node has its new name" wait_for 20 has /api/v1/nodes '"name":"after"'

systemctl restart $both
check "both start again" runs
check "figures come" wait_for 30 more_than 2
systemctl stop $both
for unit in $both; do
	is "$(systemctl show -p Result,NRestarts --value $unit | xargs)" "success 0" "$unit ends well, and has not failed"
	is "$(journalctl -o cat -u $unit | grep -iE 'denied|not permitted|no right|read-only' | grep -v bpf)" "" "$unit was refused nothing"
done
done_testing
