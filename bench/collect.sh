#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A fleet's frames into the collector's table and history, beside SQLite with a
# row a sample: bench/collect.c says what is counted. 1,000 nodes and 10,000 for
# their speed, some for a whole hour for the size of what is kept. Then the whole
# collector beside other servers: bench/collect_peers.sh.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run NODES SECONDS
run() {
	mkdir "$work/$1"
	"$B/bench/collect" "$work/$1" "$1" "$2" || exit
	rm -rf "${work:?}/$1"
}
run 1000 "${SECONDS_1000:-120}"
run 10000 "${SECONDS_10000:-30}"
run 50 3600
B=$B bash bench/collect_peers.sh
