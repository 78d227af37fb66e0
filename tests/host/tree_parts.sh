# SPDX-License-Identifier: GPL-2.0-or-later
# Parts of machines: what tests/host/trees.sh puts together in $proc, $sys and
# $root. A folder of sysfs is where the kernel has it, below devices/, and links
# of classes lead there.

: "${proc:?}" "${sys:?}" "${root:?}"
mounts=() points=() disks=() ifindex=1

# put FILE TEXT: with the newline that files of the kernel end with.
put() {
	printf '%s\n' "$2" >"$1"
}

begin() {
	mkdir -p "$proc"/{pressure,1/net,net,sys/kernel/random,sys/fs} \
		"$sys"/{block,dev/block,class/{net,block,hwmon,thermal,powercap,dmi/id},devices/system/cpu} \
		"$root"/etc
	ln -s 1 "$proc/self"
	interface lo 1
}

letter() {
	local all=abcdefghijklmnopqrstuvwxyz
	echo "${all:$1:1}"
}

# link CLASS/NAME: a link of a class to $folder, below devices/.
link() {
	ln -s "../../devices/$folder" "$sys/$1"
}

# cpus COUNT MODEL CORES SOCKETS: times and softirqs grow by the CPU's number.
# Thread n is of core n % CORES; cores are shared evenly by sockets.
cpus() {
	local n cpu all=$1 model=$2 cores=$3 sockets=$4 folders=() v
	for ((n = 0; n < all; n++)); do
		folders+=("$sys/devices/system/cpu/cpu$n/topology" "$sys/devices/system/cpu/cpu$n/cpufreq")
	done
	mkdir -p "${folders[@]}"
	put "$sys/devices/system/cpu/possible" 0-$((all - 1))
	put "$sys/devices/system/cpu/present" 0-$((all - 1))
	put "$sys/devices/system/cpu/online" 0-$((all - 1))
	for ((n = 0; n < all; n++)); do
		cpu=$sys/devices/system/cpu/cpu$n
		put "$cpu/topology/physical_package_id" $((n % cores * sockets / cores))
		put "$cpu/topology/core_id" $((n % cores % (cores / sockets)))
		put "$cpu/cpufreq/scaling_cur_freq" $((2000000 + n * 1000))
		put "$cpu/cpufreq/cpuinfo_max_freq" 3800000
	done
	{
		echo "cpu  $((all * 10000)) $((all * 10)) $((all * 5000)) $((all * 900000)) $((all * 100)) 0 $((all * 50)) 0 0 0"
		for ((n = 0; n < all; n++)); do
			echo "cpu$n $((10000 + n)) 10 $((5000 + n)) $((900000 + n)) 100 0 $((50 + n)) 0 0 0"
		done
		printf 'intr 123456789 0 9 0'
		printf ' %d' $(seq 0 $((all * 4)))
		printf '\nctxt 987654321\nbtime 1790000000\nprocesses 345678\nprocs_running 3\nprocs_blocked 1\n'
		echo "softirq 100000 1 2 3 4 5 6 7 8 9 10"
	} >"$proc/stat"
	{
		printf '                '
		for ((n = 0; n < all; n++)); do printf '    %-7s' "CPU$n"; done
		for v in HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU; do
			printf '\n%12s:' $v
			for ((n = 0; n < all; n++)); do printf ' %10d' $((${#v} * 1000 + n)); done
		done
		echo
	} >"$proc/softirqs"
	{
		printf '           '
		for ((n = 0; n < all; n++)); do printf 'CPU%-8d' $n; done
		for v in 0 9 24 25; do
			printf '\n%4s:' $v
			for ((n = 0; n < all; n++)); do printf ' %10d' $((v * 100 + n)); done
			printf '  IR-PCI-MSI %d-edge      dev%d' $((524288 + v)) $v
		done
		printf '\n NMI:'
		for ((n = 0; n < all; n++)); do printf ' %10d' $n; done
		printf '   Non-maskable interrupts\n ERR:          0\n'
	} >"$proc/interrupts"
	for ((n = 0; n < all; n++)); do
		printf '%08x %08x %08x 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 %08x 00000000 00000000\n' \
			$((100000 + n)) $((n % 3)) $((n % 5)) $n
	done >"$proc/net/softnet_stat"
	for ((n = 0; n < all; n++)); do
		if [ -n "$model" ]; then
			printf 'processor\t: %d\nvendor_id\t: %s\nmodel name\t: %s\nphysical id\t: %d\ncore id\t\t: %d\ncpu cores\t: %d\ncpu MHz\t\t: %d.%03d\nflags\t\t: fpu vme avx2\n\n' \
				$n GenuineIntel "$model" $((n % cores * sockets / cores)) \
				$((n % cores % (cores / sockets))) $((cores / sockets)) $((2000 + n)) 0
		else
			printf 'processor\t: %d\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n' $n
		fi
	done >"$proc/cpuinfo"
}

# host NAME DISTRIBUTION KERNEL
host() {
	put "$proc/sys/kernel/hostname" "$1"
	put "$proc/sys/kernel/osrelease" "$3"
	put "$proc/sys/kernel/random/boot_id" 3b1b5a5e-0000-4000-8000-0123456789ab
	put "$proc/version" "Linux version $3 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP PREEMPT_DYNAMIC Debian"
	put "$proc/uptime" "86400.25 345600.00"
	put "$proc/loadavg" "1.25 2.50 10.75 3/1234 54321"
	put "$proc/swaps" "Filename				Type		Size		Used		Priority"
	printf 'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\n\txfs\n' >"$proc/filesystems"
	put "$root/etc/hostname" "$1"
	put "$root/etc/machine-id" 0123456789abcdef0123456789abcdef
	printf 'PRETTY_NAME="%s"\nNAME="Debian GNU/Linux"\nID=debian\n' "$2" >"$root/etc/os-release"
	put "$root/etc/timezone" Europe/Vienna
	ln -s /usr/share/zoneinfo/Europe/Vienna "$root/etc/localtime"
	printf 'root:x:0:0:root:/root:/bin/bash\npostgres:x:112:120::/var/lib/postgresql:/bin/bash\n' >"$root/etc/passwd"
	put "$sys/class/dmi/id/sys_vendor" "Example Inc."
	put "$sys/class/dmi/id/product_name" "Example 2000"
	local some="avg10=1.50 avg60=0.75 avg300=0.25 total=123456789"
	put "$proc/pressure/cpu" "some $some
full avg10=0.00 avg60=0.00 avg300=0.00 total=0"
	put "$proc/pressure/memory" "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000
full avg10=0.00 avg60=0.00 avg300=0.00 total=500"
	put "$proc/pressure/io" "some avg10=12.34 avg60=5.67 avg300=0.89 total=2000000
full avg10=10.00 avg60=4.00 avg300=0.50 total=1000000"
}

virtual_machine() {
	put "$sys/class/dmi/id/sys_vendor" QEMU
	put "$sys/class/dmi/id/product_name" "Standard PC (Q35 + ICH9, 2009)"
	sed -i 's/^\(model name.*\)/\1\nflags\t\t: fpu hypervisor/' "$proc/cpuinfo"
}

# memory KB: of it 1/4 is free, 1/2 available, 1/8 cached.
memory() {
	local kb=$1
	printf '%-15s %9d kB\n' MemTotal: "$kb" MemFree: $((kb / 4)) MemAvailable: $((kb / 2)) \
		Buffers: 20480 Cached: $((kb / 8)) SwapCached: 512 Active: 4096 Inactive: 8192 \
		SwapTotal: 2097148 SwapFree: 1048576 Dirty: 444 Writeback: 16 AnonPages: 65536 \
		Mapped: 4096 Shmem: 2048 KReclaimable: 30720 Slab: 40960 SReclaimable: 30720 \
		SUnreclaim: 10240 >"$proc/meminfo"
	printf '%-15s %9d\n' HugePages_Total: 64 HugePages_Free: 32 HugePages_Rsvd: 0 HugePages_Surp: 0 >>"$proc/meminfo"
	printf '%-15s %9d kB\n' Hugepagesize: 2048 Hugetlb: 131072 >>"$proc/meminfo"
	printf '%s %d\n' nr_free_pages 100 nr_dirty 111 pgpgin 4000000 pgpgout 8000000 \
		pswpin 300 pswpout 700 pgalloc_normal 1 pgfault 123456789 pgmajfault 4321 oom_kill 2 \
		thp_fault_alloc 5 >"$proc/vmstat"
}

# process PID NAME STATE PARENT THREADS UTIME STIME START RSS_PAGES UID COMMAND
process() {
	local p=$proc/$1 flags=4194304
	[ -n "${11}" ] || flags=2129984
	mkdir -p "$p/task"
	put "$p/stat" "$1 ($2) $3 $4 $1 $1 0 -1 $flags 100 0 2 0 $6 $7 0 0 20 0 $5 0 $8 104857600 $9 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0"
	printf 'Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nUid:\t%d\t%d\t%d\t%d\nVmRSS:\t%d kB\nThreads:\t%d\n' \
		"$2" "$3" "$1" "$1" "$4" "${10}" "${10}" "${10}" "${10}" $(($9 * 4)) "$5" >"$p/status"
	put "$p/statm" "25600 $9 512 100 0 1000 0"
	put "$p/comm" "$2"
	put "$p/cgroup" "0::/system.slice/$1.service"
	printf '%s' "${11:+${11} }" | tr ' ' '\0' >"$p/cmdline"
}

processes() {
	process 1 systemd S 0 1 500 300 10 3000 0 "/sbin/init splash"
	process 2 kthreadd S 0 1 0 20 10 0 0 ""
	process 15 "ksoftirqd/0" S 2 1 0 400 12 0 0 ""
	process 812 sshd S 1 1 50 25 2000 2048 0 "sshd: /usr/sbin/sshd -D"
	process 1500 "(sd-pam) x)" S 1 1 0 1 3000 600 0 "(sd-pam)"
	process 2000 postgres R 1 12 90000 10000 4000 262144 112 "/usr/bin/postgres --password=secret -D /data"
	process 2001 "tmux: server" D 1 1 700 100 5000 1024 65534 "tmux"
	process 2500 defunct Z 812 1 3 1 6000 0 0 ""
	process 3000000 sleep T 1 1 0 0 7000 128 0 "sleep 1000"
}

# disk NUMBER NAME SECTORS PARENT: below devices/PARENT; its counters follow
# from its place in /proc/diskstats, from 1 on: reads 1000, of them 10 merged ...
disk() {
	folder=$4/$2
	mkdir -p "$sys/devices/$folder/"{queue,slaves,holders}
	put "$sys/devices/$folder/size" "$3"
	put "$sys/devices/$folder/dev" "$1"
	put "$sys/devices/$folder/removable" 0
	[ "$1" != 0:0 ] || put "$sys/devices/$folder/hidden" 1
	ln -s "../devices/$folder" "$sys/block/$2"
	link "class/block/$2"
	[ "$1" = 0:0 ] || ln -s "../../devices/$folder" "$sys/dev/block/$1"
	disk_line "$1" "$2"
}

disk_line() {
	local n=$((${#disks[@]} + 1))
	disks+=("$(printf '%4d %7d %s' "${1%:*}" "${1#*:}" "$2") $((n * 1000)) $((n * 10)) $((n * 8000)) $((n * 300)) $((n * 2000)) $((n * 20)) $((n * 16000)) $((n * 500)) $((n % 4)) $((n * 700)) $((n * 900)) $((n * 5)) 0 $((n * 40)) $((n * 7)) $((n * 3)) $((n * 2))")
}

# partition NUMBER DISK NAME SECTORS
partition() {
	local parent
	parent=$(readlink "$sys/block/$2")
	folder=${parent#../devices/}/$3
	mkdir -p "$sys/devices/$folder/holders"
	put "$sys/devices/$folder/size" "$4"
	put "$sys/devices/$folder/dev" "$1"
	put "$sys/devices/$folder/partition" "${3##*[!0-9]}"
	link "class/block/$3"
	ln -s "../../devices/$folder" "$sys/dev/block/$1"
	disk_line "$1" "$3"
}

# mapper NUMBER NAME TITLE SECTORS
mapper() {
	disk "$1" "$2" "$4" virtual/block
	mkdir "$sys/block/$2/dm"
	put "$sys/block/$2/dm/name" "$3"
}

# lies_on UPPER LOWER: of block devices, as the kernel links them.
lies_on() {
	ln -s "../../$2" "$sys/block/$1/slaves/$2"
}

loops() {
	local n
	for n in 0 1; do
		disk 7:$n loop$n 131072 virtual/block
		disk 1:$n ram$n 131072 virtual/block
	done
}

# mount_line ID PARENT DEVICE ROOT POINT OPTIONS TYPE SOURCE SUPER
mount_line() {
	mounts+=("$1 $2 $3 $4 $5 $6 shared:$1 - $7 $8 $9")
}

# The same, with a folder for it.
mount_at() {
	mount_line "$@"
	points+=("$root$(printf '%b' "${5//\\0/\\00}")")
}

# system_mounts NUMBER DEVICE: what every host has, / on DEVICE.
system_mounts() {
	mount_line 22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime proc proc rw
	mount_line 23 27 0:22 / /sys rw,nosuid,nodev,noexec,relatime sysfs sysfs rw
	mount_line 24 27 0:5 / /dev rw,nosuid,relatime devtmpfs udev rw,size=8049436k,mode=755
	mount_line 25 24 0:24 / /dev/pts rw,nosuid,noexec,relatime devpts devpts rw,gid=5,mode=620
	mount_at 26 27 0:25 / /run rw,nosuid,nodev,noexec,relatime tmpfs tmpfs rw,size=1618816k,mode=755
	mount_at 27 1 "$1" / / rw,relatime ext4 "$2" rw,errors=remount-ro
	mount_line 28 23 0:6 / /sys/kernel/security rw,relatime securityfs securityfs rw
	mount_at 29 24 0:26 / /dev/shm rw,nosuid,nodev tmpfs tmpfs rw
	mount_line 30 23 0:28 / /sys/fs/cgroup rw,relatime cgroup2 cgroup2 rw
	mount_line 31 23 0:29 / /sys/fs/bpf rw,relatime bpf bpf rw,mode=700
	mount_line 32 26 0:25 /lock /run/keep rw,relatime tmpfs tmpfs rw
	mount_line 33 24 0:19 / /dev/hugepages rw,relatime hugetlbfs hugetlbfs rw
}

# interface NAME MBYTES [ADDRESS]: received, and 1/10 of it sent. One without
# an address is no device.
interface() {
	local n=$ifindex
	[ -d "$sys/class/net/$1" ] || mkdir "$sys/class/net/$1"
	[ -z "${3:-}" ] || mkdir "$sys/class/net/$1/device"
	put "$sys/class/net/$1/ifindex" "$n"
	put "$sys/class/net/$1/address" "${3:-00:00:00:00:00:00}"
	put "$sys/class/net/$1/mtu" 1500
	put "$sys/class/net/$1/operstate" up
	put "$sys/class/net/$1/speed" 10000
	put "$sys/class/net/$1/duplex" full
	printf '%6s: %d %d %d %d 0 0 0 %d %d %d %d %d 0 0 0 0\n' "$1" $(($2 * 1000000)) \
		$(($2 * 1000)) $((n % 3)) $((n % 2)) 7 $(($2 * 100000)) $(($2 * 500)) 0 1 >>"$proc/1/net/dev.new"
	ifindex=$((n + 1))
}

# hwmon NUMBER DEVICE NAME: a chip of devices/DEVICE.
hwmon() {
	folder=$2/hwmon/hwmon$1
	mkdir -p "$sys/devices/$folder"
	put "$sys/devices/$folder/name" "$3"
	ln -s "../../../${2##*/}" "$sys/devices/$folder/device"
	link "class/hwmon/hwmon$1"
}

# sensor HWMON CHANNEL LABEL INPUT [MAX [CRIT]]
sensor() {
	local at=$sys/class/hwmon/hwmon$1/$2
	put "${at}_input" "$4"
	[ -z "$3" ] || put "${at}_label" "$3"
	[ -z "${5:-}" ] || put "${at}_max" "$5"
	[ -z "${6:-}" ] || put "${at}_crit" "$6"
}

# coretemp SOCKET: 64 cores; core n has 40 degrees and n thousandths.
coretemp() {
	local n
	hwmon "$1" "platform/coretemp.$1" coretemp
	sensor "$1" temp1 "Package id $1" $((55000 + $1 * 1000)) 85000 95000
	for ((n = 0; n < 64; n++)); do
		sensor "$1" temp$((n + 2)) "Core $n" $((40000 + n)) 85000 95000
	done
}

# zone NUMBER TYPE TEMPERATURE [CRITICAL]
zone() {
	folder=virtual/thermal/thermal_zone$1
	mkdir -p "$sys/devices/$folder"
	put "$sys/devices/$folder/type" "$2"
	put "$sys/devices/$folder/temp" "$3"
	put "$sys/devices/$folder/mode" enabled
	link "class/thermal/thermal_zone$1"
	[ -n "${4:-}" ] || return 0
	put "$sys/devices/$folder/trip_point_0_type" passive
	put "$sys/devices/$folder/trip_point_0_temp" 80000
	put "$sys/devices/$folder/trip_point_1_type" critical
	put "$sys/devices/$folder/trip_point_1_temp" "$4"
}

# rapl NUMBER NAME ENERGY: a domain of a package, N, or a part of it, N:M.
rapl() {
	folder=virtual/powercap/intel-rapl/intel-rapl:${1%%:*}
	[ "$1" = "${1%:*}" ] || folder=$folder/intel-rapl:$1
	mkdir -p "$sys/devices/$folder"
	put "$sys/devices/$folder/name" "$2"
	put "$sys/devices/$folder/energy_uj" "$3"
	put "$sys/devices/$folder/max_energy_range_uj" 262143328850
	put "$sys/devices/$folder/enabled" 1
	link "class/powercap/intel-rapl:$1"
	[ -e "$sys/class/powercap/intel-rapl" ] ||
		ln -s ../../devices/virtual/powercap/intel-rapl "$sys/class/powercap/intel-rapl"
}

finish() {
	[ ${#points[@]} -eq 0 ] || mkdir -p "${points[@]}"
	printf '%s\n' "${mounts[@]}" >"$proc/1/mountinfo"
	printf '%s\n' "${disks[@]}" >"$proc/diskstats"
	{
		echo "Inter-|   Receive                                                |  Transmit"
		echo " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed"
		cat "$proc/1/net/dev.new"
	} >"$proc/1/net/dev"
	rm "$proc/1/net/dev.new"
	cp "$proc/1/net/dev" "$proc/net/dev"
	cp "$proc/net/softnet_stat" "$proc/1/net/softnet_stat"
}

# group PATH NUMBER: of version 2, all values following from the number.
group() {
	local g=$sys/fs/cgroup$1 n=$2
	mkdir -p "$g"
	put "$g/cpu.stat" "usage_usec $((n * 1000))
user_usec $((n * 700))
system_usec $((n * 300))
nr_periods $((n * 10))
nr_throttled $n
throttled_usec $((n * 50))
nr_bursts 0
burst_usec 0"
	put "$g/memory.current" $((n * 4096))
	put "$g/memory.max" max
	put "$g/memory.swap.current" $((n * 10))
	put "$g/memory.stat" "anon $((n * 1024))
file $((n * 2048))
kernel $((n * 100))
inactive_file $((n * 96))
active_file $((n * 1952))"
	put "$g/memory.events" "low 0
high 0
max $((n + 2))
oom $((n + 1))
oom_kill $n
oom_group_kill 0"
	put "$g/pids.current" "$n"
	put "$g/io.stat" "8:0 rbytes=$((n * 512)) wbytes=$((n * 1024)) rios=$n wios=$((n * 2)) dbytes=0 dios=0"
	put "$g/cpu.pressure" "some avg10=0.00 avg60=0.00 avg300=0.00 total=$((n * 3))
full avg10=0.00 avg60=0.00 avg300=0.00 total=0"
	put "$g/memory.pressure" "some avg10=0.00 avg60=0.00 avg300=0.00 total=$((n * 5))
full avg10=0.00 avg60=0.00 avg300=0.00 total=$((n * 4))"
	put "$g/io.pressure" "some avg10=0.00 avg60=0.00 avg300=0.00 total=$((n * 7))
full avg10=0.00 avg60=0.00 avg300=0.00 total=$((n * 6))"
}

# few PATH NUMBER
few() {
	mkdir -p "$sys/fs/cgroup$1"
	put "$sys/fs/cgroup$1/pids.current" "$2"
}

# groups: what systemd, podman and a node of Kubernetes have. Not all have all files, so
# that there are fewer ways to go wrong.
groups() {
	local id uid=8a1f3c5e-0000-4000-8000-0123456789ab pod
	printf -v id '%064x' 104729
	mkdir -p "$sys/fs/cgroup" "$root/var/log/containers" "$root/var/log/pods/web_front-5f_$uid"
	put "$sys/fs/cgroup/cgroup.controllers" "cpu io memory pids"
	few /system.slice 100
	group /system.slice/ssh.service 10
	put "$sys/fs/cgroup/system.slice/ssh.service/memory.max" 81920
	few /system.slice/dev-hugepages.mount 1
	few "/machine.slice/libpod-$(printf %064x 7919).scope/container" 20
	pod=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid//-/_}.slice
	few "$pod/cri-containerd-$id.scope" 30
	put "$root/var/log/containers/front-5f_web_nginx-$id.log" ""
}

# old_groups: of version 1, a tree each controller.
old_groups() {
	local g=$sys/fs/cgroup slice=ssh.service
	mkdir -p "$g"/{cpu,cpuacct,memory,blkio,pids}/$slice "$g/unified/$slice"
	put "$g/cpuacct/$slice/cpuacct.usage" 123456789
	put "$g/cpuacct/$slice/cpuacct.stat" "user 100
system 20"
	put "$g/cpu/$slice/cpu.stat" "nr_periods 5
nr_throttled 2
throttled_time 1500000"
	put "$g/memory/$slice/memory.usage_in_bytes" 8192
	put "$g/memory/$slice/memory.limit_in_bytes" 9223372036854771712
	put "$g/memory/$slice/memory.stat" "cache 1
rss 2
total_cache 4096
total_rss 2048
total_inactive_file 1000
total_swap 512"
	put "$g/memory/$slice/memory.oom_control" "oom_kill_disable 0
under_oom 0
oom_kill 3"
	put "$g/blkio/$slice/blkio.throttle.io_service_bytes_recursive" "8:0 Read 1024
8:0 Write 512
8:0 Sync 1536
8:0 Async 0
8:0 Total 1536
Total 1536"
	put "$g/blkio/$slice/blkio.throttle.io_serviced_recursive" "8:0 Read 4
8:0 Write 3
8:0 Total 7
Total 7"
	put "$g/pids/$slice/pids.current" 6
	put "$g/unified/$slice/memory.pressure" "some avg10=0.00 avg60=0.00 avg300=0.00 total=9
full avg10=0.00 avg60=0.00 avg300=0.00 total=8"
}

# series: of one's own.
series() {
	mkdir -p "$root/series"
	printf '# TYPE jobs_total counter\njobs_total{queue="a \\"b\\"",zone="x"} 12.5\ndepth -3e2\n' >"$root/series/jobs.prom"
}
