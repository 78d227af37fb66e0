#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: tests/host/trees.sh server|arm|storage|containers|odd|moving DIR
# Make DIR/proc, DIR/sys and DIR/root of a machine that is not here, as the
# kernel's documentation has the formats. All values follow from the names and
# numbers below, so that a test can tell them. Below DIR/root are the mount
# points, as folders of this machine: sizes are those of the file system there.
#
#   server      2 sockets, 256 CPUs (64 cores each, 2 threads), hwmon, RAPL
#   arm         a board with 4 CPUs, no hwmon, thermal zones, an SD card
#   storage     nvme, md, device-mapper, multipath; mounts of all kinds
#   containers  500 mounts, 300 veths, cgroups
#   odd         what was seen on real machines: values that make no sense, twins
#   moving      2 CPUs, disks that lie on each other: for tests/field/moving.py
set -eu
name=$1
dir=$2
proc=$dir/proc
sys=$dir/sys
root=$dir/root
# shellcheck source=tests/host/tree_parts.sh
. "$(dirname "$0")/tree_parts.sh"
# shellcheck source=tests/host/tree_kernel.sh
. "$(dirname "$0")/tree_kernel.sh"

server() {
	cpus 256 "Intel(R) Xeon(R) Platinum 8592+" 128 2
	host server1 "Debian GNU/Linux 12 (bookworm)" 6.1.0-28-amd64
	memory $((512 << 20))
	processes
	disk 259:0 nvme0n1 7501476528 pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0
	partition 259:1 nvme0n1 nvme0n1p1 1048576
	partition 259:2 nvme0n1 nvme0n1p2 7500425216
	loops
	system_mounts 259:2 /dev/nvme0n1p2
	mount_at 40 27 259:1 / /boot/efi rw,relatime vfat /dev/nvme0n1p1 rw
	interface eno1 1000 d0:50:99:00:00:01
	interface eno2 2000 d0:50:99:00:00:02
	coretemp 0
	coretemp 1
	hwmon 2 pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0 nvme
	sensor 2 temp1 Composite 38850 84850 89850
	sensor 2 temp2 "Sensor 1" 38850 65261850
	hwmon 3 platform/nct6775.656 nct6798
	sensor 3 fan1 "" 1235
	sensor 3 in0 Vcore 904
	sensor 3 temp1 SYSTIN 34000 80000
	sensor 3 temp7 "PCH_CHIP_TEMP" -128000
	hwmon 4 LNXSYSTM:00/ACPI000D:00 power_meter
	put "$sys/class/hwmon/hwmon4/power1_average" 412000000
	rapl 0 package-0 1000000
	rapl 0:0 dram 2000000
	rapl 1 package-1 3000000
	rapl 1:0 dram 4000000
}

arm() {
	cpus 4 "" 4 1
	host board "Debian GNU/Linux 13 (trixie)" 6.12.48+deb13-arm64
	memory $((4 << 20))
	processes
	disk 179:0 mmcblk0 124735488 platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa
	partition 179:1 mmcblk0 mmcblk0p1 1048576
	partition 179:2 mmcblk0 mmcblk0p2 123678720
	system_mounts 179:2 /dev/mmcblk0p2
	mount_at 40 27 179:1 / /boot/firmware rw,relatime vfat /dev/mmcblk0p1 rw
	interface end0 100 dc:a6:32:00:00:01
	zone 0 cpu-thermal 48312 110000
	zone 1 gpu-thermal 47000
	old_groups
	series
}

storage() {
	local n
	cpus 16 "AMD EPYC 9124 16-Core Processor" 16 1
	host store "Debian GNU/Linux 12 (bookworm)" 6.1.0-28-amd64
	memory $((128 << 20))
	processes
	for n in 0 1; do
		disk 259:$((n * 4)) nvme${n}n1 3750748848 \
			pci0000:40/0000:40:03.$n/0000:4$((n + 1)):00.0/nvme/nvme$n
		partition 259:$((n * 4 + 1)) nvme${n}n1 nvme${n}n1p1 1048576
		partition 259:$((n * 4 + 2)) nvme${n}n1 nvme${n}n1p2 3749697536
	done
	# A path of a multipath controller: hidden, without a number.
	disk 0:0 nvme2c0n1 3750748848 pci0000:40/0000:40:05.0/0000:45:00.0/nvme/nvme2
	for n in 0 1 2 3 4 5 6 7 8 9 10 11; do
		disk 8:$((n * 16)) "sd$(letter $n)" 35156656128 \
			pci0000:80/0000:80:01.0/host0/target0:0:$n/0:0:$n:0/block
	done
	disk 9:0 md0 1046528 virtual/block
	disk 9:127 md127 3749565440 virtual/block
	mapper 253:0 dm-0 vg0-root 209715200
	mapper 253:1 dm-1 vg0-srv 3221225472
	mapper 253:2 dm-2 luks-8d1c 35156623360
	mapper 253:3 dm-3 mpatha 35156656128
	disk 11:0 sr0 0 pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block
	disk 43:0 nbd0 0 virtual/block
	disk 252:0 zram0 16777216 virtual/block
	loops
	system_mounts 253:0 /dev/mapper/vg0-root
	mount_at 40 27 9:0 / /boot rw,relatime ext4 /dev/md0 rw
	mount_at 41 27 253:1 / '/srv/my\040data' rw,noatime xfs /dev/mapper/vg0-srv rw,attr2
	mount_at 42 27 253:1 /pub /var/www ro,noatime xfs /dev/mapper/vg0-srv rw,attr2
	mount_at 43 27 0:44 /@home /home rw,relatime btrfs /dev/mapper/luks-8d1c rw,subvol=/@home
	mount_at 44 27 0:44 /@snapshots /mnt/snapshots rw,relatime btrfs /dev/mapper/luks-8d1c rw,subvol=/@snapshots
	mount_at 45 27 0:45 / /tank rw,noatime zfs tank rw,xattr,noacl
	mount_at 46 27 0:46 / /mnt/nfs rw,relatime nfs4 filer:/export rw,vers=4.2,addr=192.0.2.9
	mount_at 47 27 0:47 / /mnt/cifs rw,relatime cifs //win/share rw,vers=3.1.1
	mount_at 48 27 0:48 / /mnt/ssh rw,nosuid,nodev,relatime fuse.sshfs me@host: rw,user_id=0,group_id=0
	mount_at 49 27 8:0 / /mnt/cover rw,relatime ext4 /dev/sda rw
	mount_at 50 49 8:16 / /mnt/cover rw,relatime ext4 /dev/sdb rw
	mount_at 51 27 7:0 / /snap/core/1 ro,nodev,relatime squashfs /dev/loop0 ro
	mount_at 52 27 0:52 / /mnt/auto rw,relatime autofs systemd-1 rw,fd=29,pgrp=1
	interface bond0 10000 b8:59:9f:00:00:01
	hwmon 0 pci0000:00/0000:00:18.3 k10temp
	sensor 0 temp1 Tctl 61250
	sensor 0 temp3 Tccd1 58500
	hwmon 1 pci0000:80/0000:80:01.0/host0/target0:0:0/0:0:0:0 drivetemp
	sensor 1 temp1 "" 31000 55000 70000
	rapl 0 package-0 5000000
	groups
	kernel_parts
}

containers() {
	local n id veths=()
	cpus 32 "Intel(R) Xeon(R) Gold 6426Y" 16 1
	host kube7 "Debian GNU/Linux 12 (bookworm)" 6.1.0-28-cloud-amd64
	memory $((64 << 20))
	processes
	virtual_machine
	disk 254:0 vda 2097152000 pci0000:00/0000:00:05.0/virtio2/block
	partition 254:1 vda vda1 2096889856
	loops
	system_mounts 254:1 /dev/vda1
	interface eth0 1000 52:54:00:00:00:01
	interface docker0 0
	for ((n = 0; n < 300; n++)); do
		printf -v 'veths[n]' 'veth%07x' $((n * 7919))
	done
	mkdir "${veths[@]/#/$sys/class/net/}"
	for ((n = 0; n < 300; n++)); do
		interface "${veths[n]}" $n
	done
	while [ ${#mounts[@]} -lt 500 ]; do
		n=${#mounts[@]}
		printf -v id '%064x' $((n * 104729))
		case $((n % 5)) in
		0 | 1) mount_line $((n + 100)) 27 0:$((n + 100)) / /var/lib/docker/overlay2/$id/merged \
			rw,relatime overlay overlay "rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B" ;;
		2) mount_line $((n + 100)) 27 0:4 "net:[402653$n]" /run/docker/netns/${id:52} rw nsfs nsfs rw ;;
		3) mount_line $((n + 100)) 27 0:$((n + 100)) / "/var/lib/kubelet/pods/$id/volumes/kubernetes.io~projected/token" \
			rw,relatime tmpfs tmpfs rw,size=65536k ;;
		4) mount_line $((n + 100)) 27 254:1 /var/lib/kubelet/pods/$id/etc-hosts "/var/lib/kubelet/pods/$id/subpath" \
			rw,relatime ext4 /dev/vda1 rw ;;
		esac
	done
}

# What real machines were seen to have and no other tree does.
odd() {
	local n part cpu
	cpus 8 "" 4 1
	for ((n = 0; n < 8; n++)); do
		cpu=$sys/devices/system/cpu/cpu$n/topology
		put "$cpu/core_cpus_list" $n
		part=0xd0b
		[ $n -ge 4 ] || part=0xd05
		printf 'processor\t: %d\nCPU implementer\t: 0x41\nCPU part\t: %s\n\n' $n $part
	done >"$proc/cpuinfo"
	host odd "Debian GNU/Linux 12 (bookworm)" 6.1.0-28-arm64
	printf '# set by a tool\r\n\n odd-1 \r' >"$root/etc/hostname"
	memory $((4 << 20))
	sed -i 's/^MemAvailable:.*/MemAvailable:    9999999 kB/; s/^SwapFree:.*/SwapFree:      9999999 kB/' "$proc/meminfo"
	processes
	for ((n = 0; n < 5000; n++)); do
		disks+=("   7 $(printf %7d $n) loop$n 9 0 72 1 0 0 0 0 0 1 1 0 0 0 0 0 0")
	done
	# The kernel counts at two paths, hidden, and not at their disk.
	disk 0:0 nvme0c0n1 7501476528 pci0000:00/0000:01:00.0/nvme/nvme0
	disk 259:0 nvme0n1 7501476528 virtual/nvme-subsystem/nvme-subsys0
	disks[-1]=" 259       0 nvme0n1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
	disk 0:0 nvme0c1n1 7501476528 pci0000:00/0000:02:00.0/nvme/nvme1
	disk 8:0 sda 1953525168 pci0000:80/0000:80:01.0/host0/target0:0:0/0:0:0:0/block
	partition 8:1 sda sda1 1953523120
	disk 8:16 sdb 1953525168 pci0000:80/0000:80:01.0/host0/target0:0:1/0:0:1:0/block
	mapper 253:0 dm-0 sda 1953525168
	mapper 253:1 dm-1 'crypt home' 1953520000
	mapper 253:2 dm-2 vg-data 1953520000
	disk 9:0 md0 1953520000 virtual/block
	lies_on dm-0 sdb
	mapper 253:3 dm-3 "crypt home" 100000
	lies_on dm-1 sda1
	lies_on dm-2 dm-1
	lies_on md0 sdb
	system_mounts 8:1 /dev/sda1
	mount_at 40 27 0:33 /home /home rw,relatime btrfs /dev/sdb rw,subvolid=256,subvol=/home
	mount_at 41 27 0:33 /srv /srv/of\\040all rw,relatime btrfs /dev/sdb rw,subvolid=257,subvol=/srv
	mount_at 42 27 0:33 /srv/sub /mnt/again rw,relatime btrfs /dev/sdb rw,subvolid=257,subvol=/srv
	mount_line 43 27 8:90 / /mnt/gone rw,relatime ext4 /dev/sdc1 rw
	interface eth0 1000 d0:50:99:00:00:01
	hwmon 0 platform/nct6775.656 nct6798
	sensor 0 temp1 SYSTIN 35000
	sensor 0 temp2 " " 36000
	sensor 0 temp3 SYSTIN 37000
	sensor 0 temp4 "AUX 1" -273000
	sensor 0 temp5 "AUX 2" -273150
	printf '  no newline' >"$sys/class/hwmon/hwmon0/temp3_label"
	sensor 0 temp6 SYSTIN 38000
	hwmon 1 platform/twin.0 twin
	sensor 1 temp1 "" 41000
	hwmon 2 platform/twin.0 twin
	sensor 2 temp1 "" 42000
	zone 0 acpitz 27800
	zone 1 acpitz 29800
	printf 'FIQ:              usb_fiq\nI/O:         11         12         13         14         15         16         17         18  Input and output\n' >>"$proc/interrupts"
}

# Two CPUs, a disk, and one with a partition, LUKS on that and LVM on top: for
# tests/field/moving.py.
moving() {
	cpus 2 "A CPU" 2 1
	host moving "Debian GNU/Linux 12 (bookworm)" 6.1.0-28-amd64
	memory $((4 << 20))
	processes
	disk 8:0 sda 1953525168 pci0000:80/0000:80:01.0/host0/target0:0:0/0:0:0:0/block
	disk 8:16 sdb 1953525168 pci0000:80/0000:80:01.0/host0/target0:0:1/0:0:1:0/block
	partition 8:17 sdb sdb1 1953520000
	mapper 253:0 dm-0 crypt 1953520000
	mapper 253:1 dm-1 vg-data 1953520000
	lies_on dm-0 sdb1
	lies_on dm-1 dm-0
	system_mounts 8:1 /dev/sda1
	interface eth0 1000 d0:50:99:00:00:01
}

case $name in
server | arm | storage | containers | odd | moving) ;;
*)
	sed -n 's/^# Usage/usage/p' "$0" >&2
	exit 2
	;;
esac
begin
"$name"
finish
