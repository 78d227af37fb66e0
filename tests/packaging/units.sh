# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest of units_test.sh, once it is up: what the two services do there. What
# it finds goes to /results, for the host to judge.
results=/results
both="ktach-collector ktach-shipper"

# api PATH: of the collector.
api() {
	exec 3<>/dev/tcp/127.0.0.1/8766 || return
	printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
	sed '1,/^\r$/d' <&3
	exec 3>&-
}
# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || return
		sleep 0.5
	done
}
# node_has NAME TEXT...: the node's document has each of them.
node_has() {
	local text
	api "/api/v1/nodes/$1" >$results/node.new || return
	for text in "${@:2}"; do
		grep -qF "$text" $results/node.new || return
	done
}
show() {
	systemctl show -p ActiveState,Result,NRestarts,ExecMainStatus "$1" >"$results/$1.$2"
}
said() {
	journalctl -o cat -u "$1" | grep -q "$2"
}
restarted() {
	[ "$(systemctl show -p NRestarts --value "$1")" = 1 ] && systemctl -q is-active "$1"
}

mkdir -p $results
systemctl start $both
wait_for 90 node_has before '"cpu":{"origin":"ring"' '"net":{"origin":"bpf"' '"name":"lo"'
mv $results/node.new $results/node.json
for unit in $both; do show $unit started; done

sed -i 's/before/after/; s/^ship = .*/ship = 5s/' /etc/ktach/shipper.conf
echo 'log = debug' >>/etc/ktach/collector.conf
systemctl reload $both
for unit in $both; do wait_for 30 said $unit 'configuration read'; done
wait_for 60 node_has after '"period_ns":5000000000'
mv $results/node.new $results/reloaded.json

for unit in $both; do kill -STOP "$(systemctl show -p MainPID --value $unit)"; done
for unit in $both; do wait_for 150 restarted $unit; show $unit watched; done
# What an earlier run left may come first, and makes it fresh, too.
session=$(grep -o '"session_ns":[0-9]*' $results/reloaded.json | head -n 1)
in_new_session() { node_has after '"state":"fresh"' && ! grep -q "$session" $results/node.new; }
wait_for 90 in_new_session
mv $results/node.new $results/watched.json

# What is not shipped yet has to arrive when the shipper is stopped.
sleep 3
api /api/v1/nodes/after >$results/last.json
date +%s >$results/stopping
systemctl stop ktach-shipper
date +%s >$results/stopped
show ktach-shipper stopped
systemctl stop ktach-collector
show ktach-collector stopped
ktach-collector check --data /var/lib/ktach/collector >$results/check 2>&1
echo $? >$results/check.status
ktach-collector export --data /var/lib/ktach/collector --table cpu >$results/cpu.csv
for unit in $both; do
	journalctl -u $unit >$results/$unit.log
	systemd-analyze security $unit --no-pager 2>/dev/null | sed -n 's/.*exposure level.*: //p' >$results/$unit.exposure
done
sync
/vmexit 0
