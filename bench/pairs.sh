#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a change costs the history: bench/collect of a build before it and of one after
# it, in turn, so that what else the machine does comes to both alike. CPU time of all
# that follows a frame, the median of the pairs' ratios.
#
#   bench/pairs.sh BEFORE AFTER [PAIRS [NODES [SECONDS]]]
#
# BEFORE and AFTER are two programs: build/bench/collect of two trees.
set -e
before=${1:?a build/bench/collect of before}
after=${2:?another one}
pairs=${3:-15} nodes=${4:-1000} seconds=${5:-60} most=${MOST:-1.03}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# spent PROGRAM: ns a value with history, folding and rollups included.
spent() {
	mkdir "$work/data"
	"$1" "$work/data" "$nodes" "$seconds" | sed -n 's/^with history: *\([0-9.]*\) ns.*/\1/p'
	rm -rf "$work/data"
}

for ((i = 0; i < pairs; i++)); do
	# Who is first changes.
	if ((i % 2)); then
		a=$(spent "$after") b=$(spent "$before")
	else
		b=$(spent "$before") a=$(spent "$after")
	fi
	echo "$b $a" | tee -a "$work/pairs" | awk '{ printf "%.1f %.1f ns a value: %.3f\n", $1, $2, $2 / $1 }'
done
awk '{ print $2 / $1 }' "$work/pairs" | sort -n | awk -v most="$most" -v n="$nodes" '{ r[NR] = $1 }
	END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2
		printf "BAR history_cost_of_change_%d %.3f %.2f %s\n", n, m, most, m <= most ? "ok" : "short" }'
