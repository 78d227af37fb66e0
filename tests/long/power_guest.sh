# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# In a guest, as /test/run: a collector with its history on the disk, and a shipper
# with its spool there, until the power fails.
mkdir -p /disk
mount -t ext4 /dev/vda /disk || exit 1
mkdir -p /disk/state
ktach-collector --listen 0.0.0.0:4766 --unsealed --http 127.0.0.1:8766 --keep 3650d --data /disk/data &
ktach-shipper --collector 127.0.0.1:4766 --transport tcp --unsealed --name inside --no-net --interval 50ms \
	--state /disk/state --spool /disk/spool &
wait
