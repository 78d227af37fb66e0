# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest of deb_test.sh, once it is up: what a user finds there.

# read_as GROUP: the bytes of the first samples that one of GROUP can read.
read_as() {
	setpriv --reuid nobody --regid "$1" --clear-groups \
		dd if=/dev/cpu_stat_monitor bs=64k count=1 2>/dev/null | wc -c
}

awk '/^ktach/ { print "booted: module", $1 }' /proc/modules
for device in /dev/cpu_stat_monitor /dev/cpu_softirq_monitor; do
	echo "booted: device $device $(stat -c '%G %a' $device)"
done
echo "booted: member $(read_as ktach)"
echo "booted: other $(read_as nogroup)"
/vmexit 0
