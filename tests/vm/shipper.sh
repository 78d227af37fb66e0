#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: shipper.sh PORT NAME [-t SECONDS] [-p PERIOD_US] [-s COMMANDS]
# Boot Debian's kernel in a guest with the three modules and the shipper, which
# feeds the collector at 127.0.0.1:PORT under NAME. Without COMMANDS, a shell
# file that the guest goes through, it runs until it is killed.
# Time limit: 900 s
set -eu
here=$(dirname "$0")
B=${B:-build}
port=$1 name=$2
shift 2
limit=0 period=1000000 commands=
while getopts t:p:s: option; do
	case $option in
	t) limit=$OPTARG ;;
	p) period=$OPTARG ;;
	s) commands=$OPTARG ;;
	*) exit 2 ;;
	esac
done
eval "$("$here/kernel.sh")"
flock "$B" make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/shipper_guest.sh" "$work/run"
"$here/initrd.sh" "$work/initrd" \
	-m "$MODULES_DIR" "$KVER" virtio_pci,virtio_net,sch_ingress,cls_bpf,veth \
	-k "$B/kmod/$KVER/ktach_aggregator.ko" -k "$B/kmod/$KVER/ktach_cpustat.ko" \
	-k "$B/kmod/$KVER/ktach_softirq.ko" \
	-p "$B/tests/vm/vmexit" -p "$B/ktach-shipper" \
	-f "$work/run" -f "$here/modules_guest.sh" ${commands:+-f "$commands"}
"$here/run.sh" -n -t "$limit" \
	-a "$port,$name,$period${commands:+,$(basename "$commands")}" \
	"$KERNEL_IMAGE" "$work/initrd" &
child=$!
trap 'kill $child; wait $child; rm -rf "$work"; exit 97' INT TERM
wait $child
