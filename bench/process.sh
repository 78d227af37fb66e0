#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What it costs to find the processes that use the most among 5,000: bench/process.c.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "bench-process: needs root, for BPF" >&2; exit 1; }
exec "${B:-build}/bench/process" "${1:-5000}"
