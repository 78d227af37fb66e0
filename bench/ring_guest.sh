# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, as /test/run NAME [awake]. The rings that BPF fills stay when the shipper
# ends.
. /test/tap.sh
. /test/modules_guest.sh
ktach-shipper --collector 127.0.0.1:9 --unsealed --state /tmp >/tmp/log 2>&1 &
shipper=$!
wait_for 30 grep -q "softirqs from BPF's ring" /tmp/log || cat /tmp/log
kill $shipper
wait $shipper
export RINGS_PINS=/sys/fs/bpf/ktach
load && ring "$@"
