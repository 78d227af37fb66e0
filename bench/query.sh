#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a question about 30 days costs: bench/query.c says how it is asked.
set -eu
cd "$(dirname "$0")/.."
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$B/bench/query" "$work"
