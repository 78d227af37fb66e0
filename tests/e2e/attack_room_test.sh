#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A node whose samples are dated in the future takes no room from others.
# Waits mostly
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/e2e/collector.sh
. tests/e2e/attack.sh

# One node's samples, dated in the future, take all room: it makes room itself.
collector_start --unsealed --history-memory 1 --history-size 8
stay_cold
"$B/tests/e2e/attacker" churn "$feed" 3600 20 10 >/dev/null
kept() {
	sqlite3 "$work/data/history.db" "with b as (select id from node where name = 'builder')
		select (select count(*) from raw, b where raw.id & 16777215 = b.id) +
		(select count(*) from minute, b where minute.id & 16777215 = b.id)"
}
some_kept() { [ "$(kept)" -gt 0 ]; }
check "a build host's hour is kept" wait_for 120 some_kept
had=$(kept)
attack "dated in the future" future 24
# 8 MiB, and the log of what is not packed yet: up to four times the MiB of frames that
# --history-memory lets wait. What there is, when it is more.
small() {
	local store
	store=$(api nodes | jq -c .store) && [ "$(jq .size <<<"$store")" -lt 14000000 ] || { echo "$store" && false; }
}
check "dated in the future: the history keeps its size" wait_for 120 small
check "dated in the future: who it is, is told" grep -q 'node 66666666-.* has .* MiB: its oldest chunks' "$work/collector.log"
check "dated in the future: others keep theirs ($had, $(kept))" [ "$(kept)" -ge "$had" ]
done_testing
