#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: run.sh [-c CPUS] [-M MEMORY] [-t SECONDS] [-n] [-i] [-s] [-r FOLDER] [-d IMAGE] [-f PORT:PORT] [-a WORD,...] [-k "WORD ..."] [-m VENDOR] KERNEL INITRD
# Boot a guest in QEMU; its console is stdout, its status the exit status.
#   -n  user network: the guest reaches the host's 127.0.0.1 as 10.0.2.2
#   -r  FOLDER is there for the guest to mount: 9p, by virtio, tag "root"
#   -d  a disk, /dev/vda: what the guest has flushed is in IMAGE, whatever becomes of QEMU
#   -f  with -n: the host's port of 127.0.0.1 is the guest's
#   -i  the guest's clock counts instructions, 1 ns each. Several CPUs take turns;
#       QEMU before 8.1 lets none but the first run while that one is busy, and
#       6.1 is busy while it waits for another CPU to boot: take a newer kernel
#   -s  the CPUs take turns. Kernels that patch code which another CPU runs, as they
#       do to attach a probe, need it: QEMU 7.2 may keep its translation of the
#       breakpoint that stands there meanwhile, and the CPU goes round in it for ever
#   -a  arguments for the guest's /test/run
#   -k  for the kernel's command line
#   -m  the CPUs' maker, as CPUID has it
# GUEST_ARCH, as foreign.sh has it, is the guest's architecture. Of arm64, -m and -n to -f
# have not been tried.
# Exit status: the guest's, 0 to 45; 98 it ended without one (a panic, or QEMU
# itself failed); 99 it took longer than -t.
set -u
cpus=2 memory=1G limit=300 network=() share=() count='' thread=multi words='' line='' maker='' disk=() forward=''
while getopts c:M:t:nisr:d:f:a:k:m: option; do
	case $option in
	c) cpus=$OPTARG ;;
	M) memory=$OPTARG ;;
	t) limit=$OPTARG ;;
	d) disk=(-drive "file=$OPTARG,format=raw,if=virtio,cache=writeback") ;;
	f) forward=",hostfwd=tcp:127.0.0.1:${OPTARG%:*}-10.0.2.15:${OPTARG#*:}" ;;
	n) network=(-netdev "user,id=net0,ipv6=off" -device "virtio-net-pci,netdev=net0,romfile=") ;;
	i) count=1 thread=single ;;
	s) thread=single ;;
	r) share=(-virtfs "local,path=$OPTARG,mount_tag=root,security_model=passthrough") ;;
	a) words=$OPTARG ;;
	k) line=$OPTARG ;;
	m) maker=,vendor=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -z "$forward" ] || network[1]+=$forward

# /dev/kvm may be there and not work; asking QEMU is the only sure way.
accel=tcg,thread=$thread cpu=max
if [ -w /dev/kvm ] && timeout 5 qemu-system-x86_64 -accel kvm -M none \
	-display none -monitor stdio <<<quit >/dev/null 2>&1 &&
	grep -qE '^flags.* (vmx|svm)' /proc/cpuinfo; then
	accel=kvm cpu=host
fi

if [ -n "$count" ]; then
	accel=tcg,thread=$thread cpu=max line="$line nokaslr"
	count='-icount shift=0,sleep=off'
fi

machine=(qemu-system-x86_64 -cpu "$cpu$maker" -M q35 -device "isa-debug-exit,iobase=0xf4,iosize=4")
console=ttyS0
if [ "${GUEST_ARCH:-}" = arm64 ]; then
	# pauth in QEMU's own algorithm takes most of the time.
	machine=(qemu-system-aarch64 -cpu "max,pauth-impdef=on" -M virt -semihosting-config "enable=on,userspace=on")
	console=ttyAMA0 accel=tcg,thread=$thread
fi

# exec: who ends this script by a signal ends the guest.
[ "$limit" -gt 0 ] && timer=(timeout -k 5 "$limit") || timer=()
# shellcheck disable=SC2086
"${timer[@]}" "${machine[@]}" -accel "$accel" $count \
	-smp "$cpus" -m "$memory" -nodefaults -no-user-config -display none \
	-no-reboot -serial stdio \
	"${network[@]}" "${share[@]}" "${disk[@]}" -kernel "$1" -initrd "$2" \
	-append "console=$console quiet no_timer_check panic=-1 oops=panic $line ktach=$words" </dev/null &
child=$!
trap 'kill $child; wait $child; exit 97' INT TERM
wait $child
status=$?
if [ $status -ge 33 ] && [ $status -le 123 ] && [ $((status & 1)) -eq 1 ]; then
	exit $(((status - 33) >> 1))
elif [ $status -eq 124 ]; then
	echo "run.sh: the guest took longer than $limit s" >&2
	exit 99
fi
echo "run.sh: the guest ended without a status (a panic, or QEMU failed: $status)" >&2
exit 98
