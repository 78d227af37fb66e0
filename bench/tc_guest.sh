# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest whose clock counts instructions, as /test/run PAIRS ROUNDS: what a
# tick of so many pairs of interfaces takes.
# shellcheck shell=dash
. /test/tc_tick.sh
IP=iproute # busybox has its own ip
tick_pairs "$1"
echo "tick $(tick_measure /sys/fs/bpf/ktach $((2 * $1)) "$2" 2>/tmp/err)"
tail -n 3 /tmp/err | sed 's/^/# /'
