#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A WebSocket is sent a ping each 30 s: who does not answer is closed, and counted; who
# does, stays.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh

collector_start
python3 tests/long/pong.py "${http%:*}" "${http##*:}" | sort >"$work/pings"
is "$(sed -n 1p "$work/pings")" "answers: 2 pings, open" "who answers pings stays"
is "$(sed -n 2p "$work/pings")" "silent: 1 pings, closed" "who does not is closed before the next one"
check "which is counted" api health '.refused.page.pong == 1'
check "and told" grep -q 'page: 1 connection closed: a WebSocket did not answer a ping' "$work/collector.log"
done_testing
