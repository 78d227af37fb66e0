#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the book says of each value is what is served: a node that sends all of it,
# and everybody who tells of it.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

collector_start
background everything "$B/tests/e2e/everything" 127.0.0.1 "$feed" 60
check "a node sends everything" \
	wait_for 20 api nodes/everything '.disk.disks[0].reads_per_s != null and .memory.faults_per_s != null'
check "which goes into the history" \
	wait_for 20 api 'history?node=everything&metric=irq.count&from=-1m&step=1s' \
	'[.series[].values[] | select(. != null)] | length > 1'
[ -z "${BOOK_MORE:-}" ] || check "and what was added: $BOOK_MORE" wait_for 5 api nodes/everything "$BOOK_MORE"
check "the book was held against what is served" \
	into "$work/book" python3 tests/e2e/book.py docs/metrics.md "http://$http" "$B/bin/ktach" docs/openapi.yaml
points "$work/book"
done_testing
