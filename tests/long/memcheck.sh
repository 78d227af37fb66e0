#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The shipper's whole life under Valgrind, and built with AddressSanitizer and
# UndefinedBehaviorSanitizer: sealed frames by TCP and UDP, spool, reconnects,
# SIGHUP. Valgrind sees what the ppoll() path reads and writes; of io_uring it knows
# too little, there the sanitizers look.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/long/life.sh
command -v valgrind >/dev/null || skip_all "valgrind is not installed"
life_keys
feed=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

valgrind=(valgrind -q --error-exitcode=99 --leak-check=full "--errors-for-leak-kinds=definite,indirect"
	--log-file="$work/valgrind")
# Of bpf() Valgrind does not know which of its attributes a command reads.
life "Valgrind, TCP" "${valgrind[@]}" "$B/ktach-shipper" --no-io-uring --no-net --process-enabled no
sed 's/^/# /' "$work/valgrind"

asan=$B/asan
check "the shipper builds with sanitizers" into "$work/make" flock "$B" make --no-print-directory B="$asan" \
	CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined" "$asan/ktach-shipper"
export ASAN_OPTIONS=log_path=$work/asan:detect_leaks=1
life "sanitizers, TCP, io_uring" "$asan/ktach-shipper" --no-net
life "sanitizers, TCP, ppoll" "$asan/ktach-shipper" --no-net --no-io-uring
net=()
[ "$(id -u)" -eq 0 ] || net=(--no-net)
life_collector
life_config udp | sed '/^spool\|^transport/d' >"$work/conf"
"$asan/ktach-shipper" --config "$work/conf" --lo --pins "$pins" "${net[@]}" 2>"$work/shipper.log" &
shipper=$!
pids+=("$shipper")
check "sanitizers, UDP, packets by BPF: frames arrive" \
	wait_for 240 api nodes/udp '.received > 20 and .cpu.share != null and (.net.interfaces | length) > 0'
kill $shipper
wait $shipper
is $? 0 "sanitizers, UDP: it ends cleanly, and nothing is complained of"
cat "$work"/asan* 2>/dev/null | head -40 | sed 's/^/# /'
done_testing
