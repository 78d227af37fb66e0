# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run PORT NAME [PERIOD_US [COMMANDS]]: load the modules and
# feed the collector on the host's loopback for good; or go through COMMANDS, a
# file in /test, while it does.
. /test/modules_guest.sh
alone load period_us="${3:-1000000}" timing=1
set -- "$1" "$2" "${4:-}"
if [ -z "$3" ]; then
	# Some life for the page to show.
	while :; do timeout 2 sh -c 'while :; do :; done'; sleep 3; done &
	exec ktach-shipper --collector "10.0.2.2:$1" --unsealed --name "$2" --state /tmp
fi
ktach-shipper --collector "10.0.2.2:$1" --unsealed --name "$2" --state /tmp &
shipper=$!
. "/test/$3"
kill $shipper
wait $shipper
