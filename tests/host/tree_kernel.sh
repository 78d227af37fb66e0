# SPDX-License-Identifier: GPL-2.0-or-later
# Parts that the collector "part" reads, as the kernel's documentation has their files,
# for tests/host/trees.sh.

: "${proc:?}" "${sys:?}" "${root:?}"

# puts FOLDER NAME TEXT [NAME TEXT]...: files of a folder.
puts() {
	local folder=$1
	mkdir -p "$folder"
	shift
	while [ $# -gt 0 ]; do
		[ -d "$folder/${1%"${1##*/}"}" ] || mkdir -p "$folder/${1%/*}"
		put "$folder/$1" "$2"
		shift 2
	done
}

kernel_network() {
	local net=$proc/1/net
	mkdir -p "$net"/{stat,rpc}
	cat >"$net/stat/nf_conntrack" <<'END'
entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
00000021  00000000 00000000 00000000 00000003 0000008a 00000000 00000000 00000000 00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000000
00000021  00000000 00000000 00000000 00000002 00000010 00000000 00000000 00000000 00000000 00000007 00000000 00000000  00000000 00000000 00000000 00000004
END
	cat >"$net/wireless" <<'END'
Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   70.  -40.  -256        0      0      0      3      6        2
END
	cat >"$net/udp" <<'END'
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             
  420: 3500007F:0035 00000000:0000 07 00000010:00000100 00:00000000 00000000   102        0 22222 2 0000000000000000 0         
 9999: 0100007F:0143 00000000:0000 07 00000001:00000002 00:00000000 00000000   102        0 22223 2 0000000000000000 0         
END
	cat >"$net/ip_vs_stats" <<'END'
   Total Incoming Outgoing         Incoming         Outgoing
   Conns  Packets  Packets            Bytes            Bytes
 16AA370 E33656E5        0     51D8C8883AB3        0

 Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
       4     1FB3        0          1282A8F          0
END
	cat >"$net/ip_vs" <<'END'
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A80016:0CEA wlc
  -> C0A85216:0CEA      Tunnel  100    248        2
FWM  10001000 wlc
  -> C0A83215:0CEA      Route   0      0          1
END
	cat >"$net/rpc/nfs" <<'END'
net 18628 0 18628 6
rpc 4329785 1 4338291
proc2 18 2 69 0 0 4410 0 0 0 0 0 0 0 0 0 0 0 99 2
proc3 22 0 4084749 29200 94754 32580 186 47747 7981 8639 0 6356 0 6962 0 7958 0 0 241 4 4 2 39
proc4 4 1 20 0 7
END
	cat >"$net/rpc/nfsd" <<'END'
rc 0 6 18622
fh 1 0 0 0 0
io 157286400 72864
th 8 0 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000
ra 32 0 0 0 0 0 0 0 0 0 0 0
net 18628 2 18626 6
rpc 18628 5 2 3 0
proc3 22 2 112 0 2719 111 0 0 0 0 0 0 0 0 0 0 0 27 216 0 2 1 0
proc4 2 2 10853
proc4ops 6 0 0 0 1098 2 0
END
	puts "$sys/class/net" bonding_masters bond0 bond0/bonding/slaves "eth0 eth1" \
		eth0/bonding_slave/mii_status up eth1/bonding_slave/mii_status down
	puts "$sys/class/infiniband/mlx5_0/ports/1/counters" port_rcv_data 1000 port_xmit_data 500 symbol_error 1
}

kernel_storage() {
	cat >"$proc/mdstat" <<'END'
Personalities : [raid1] [raid6] [raid5] [raid4]
md0 : active raid1 sdb1[1] sda1[0]
      136448 blocks [2/2] [UU]
      
md1 : active raid5 sdd1[4](S) sdc1[2](F) sdb2[1] sda2[0]
      585890304 blocks super 1.2 level 5, 64k chunk, algorithm 2 [3/2] [UU_]
      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec
      bitmap: 0/3 pages [0KB], 65536KB chunk

md2 : inactive sde1[0](S)
      1024 blocks

md3 : active raid0 sdf1[1] sdg1[0]
      2048 blocks 64k chunks

unused devices: <none>
END
	puts "$sys/class/nvme/nvme0" firmware_rev "1B2QEXP7 " model "Samsung SSD 970 PRO 512GB   " serial S680HF8N190894I state live
	puts "$sys/fs/xfs/dm-1/stats" stats "extent_alloc 92447 97589 92448 93751
abt 7 8 9 10
blk_map 1767055 188820 184891 92447 92448 2140766 0
bmbt 1 2 3 4
dir 185039 92447 92444 136422
trans 706 944304 0
ig 185045 58807 0 126238 0 33637 22
rw 2 107739
vnodes 92601 0 0 0 92444 92444 92444 0"
	puts "$sys/fs/btrfs/0abb23a9" label "fixture \"1\"" allocation/global_rsv_size 16777216 \
		allocation/data/bytes_reserved 0 allocation/data/raid0/used_bytes 808189952 allocation/data/raid0/total_bytes 2147483648 \
		allocation/metadata/raid1/used_bytes 933888 devinfo/1/error_stats "write_errs 1
read_errs 2
flush_errs 0
corruption_errs 3
generation_errs 0"
	mkdir -p "$sys/fs/btrfs/features" "$proc/spl/kstat/zfs"
	puts "$sys/block/zram0" mm_stat "8388608 2097152 3145728 0 4194304 5 0 0 0"
	cat >"$proc/spl/kstat/zfs/arcstats" <<'END'
6 1 0x01 91 4368 5266997922 97951858082072
name                            type data
hits                            4    8772612
misses                          4    604635
c                               4    1643208777
c_max                           4    8367976448
size                            4    1603939792
END
	puts "$sys/class/scsi_tape/st0/stats" in_flight 1 read_byte_cnt 979383912 read_ns 33788355744
	puts "$sys/class/fc_host/host0" speed "16 Gbit" port_state Online statistics/rx_frames 0x3ffbe5a0 statistics/invalid_crc_count 0xffffffffffffffff
}

kernel_hardware() {
	puts "$sys/devices/system/edac/mc/mc0" ce_count 3 ue_count 1 ce_noinfo_count 1 ue_noinfo_count 0 csrow0/ce_count 2 csrow0/ue_count 1
	puts "$sys/devices/system/cpu/cpu0/thermal_throttle" core_throttle_count 5 package_throttle_count 30
	puts "$sys/devices/system/cpu/cpu1/thermal_throttle" core_throttle_count 6 package_throttle_count 30
	puts "$sys/class/power_supply/BAT0" status Discharging type Battery capacity 98 charge_now 2412000 voltage_now 12229000 current_now -500000 temp 250 cycle_count 0 present 1
	puts "$sys/class/thermal/cooling_device0" type Processor cur_state 2 max_state 3
	puts "$sys/class/watchdog/watchdog0" timeout 60 bootstatus 1
	puts "$sys/class/drm/card0/device" gpu_busy_percent 4 mem_info_vram_total 8573157376 mem_info_vram_used 1490378752
	puts "$sys/class/drm/card1/gt/gt0" rps_act_freq_mhz 350 rc6_residency_ms 1500
}

kernel_memory() {
	puts "$sys/devices/system/node/node0" numastat "numa_hit 193460335812
numa_miss 12624528
numa_foreign 59858623300
interleave_hit 57146
local_node 193454780853
other_node 18179487" meminfo "Node 0 MemTotal:       134182340 kB
Node 0 MemFree:        53030372 kB
Node 0 Dirty:                20 kB"
	puts "$sys/kernel/mm/hugepages/hugepages-2048kB" nr_hugepages 16 free_hugepages 4
	puts "$sys/kernel/mm/transparent_hugepage" enabled "always [madvise] never"
	printf 'version 15\ntimestamp 4296000000\ncpu0 0 0 0 0 0 0 2045936778163039 343796328169361 4767485306\ndomain0 00003 0 0\n' >"$proc/schedstat"
	puts "$sys/kernel/mm/ksm" full_scans 323 sleep_millisecs 20
	puts "$sys/devices/system/clocksource/clocksource0" available_clocksource "tsc hpet acpi_pm " current_clocksource tsc
	mkdir -p "$sys/fs/selinux"
	printf 1 >"$sys/fs/selinux/enforce"
	echo "Node 0, zone      DMA      1      0      3 " >"$proc/buddyinfo"
	echo "Node 0, zone    DMA32    759    572    791 " >>"$proc/buddyinfo"
}

kernel_system() {
	local sessions=$root/run/systemd/sessions
	puts "$sessions" 1 "# This is private data. Do not parse.
UID=1000
USER=me
ACTIVE=1
STATE=active
REMOTE=1
TYPE=tty
CLASS=user" 2 "UID=1000
USER=me
STATE=online
REMOTE=0
SEAT=seat0
TYPE=wayland
CLASS=user" 3 "UID=0
USER=root
STATE=closing
REMOTE=1
TYPE=tty
CLASS=user"
	puts "$root/var/lib/update-notifier" updates-available "
12 updates can be applied immediately.
3 of these updates are standard security updates.
To see these additional updates run: apt list --upgradable"
	touch "$root/run/reboot-required"
}

kernel_parts() {
	kernel_system
	kernel_network
	kernel_storage
	kernel_hardware
	kernel_memory
}
