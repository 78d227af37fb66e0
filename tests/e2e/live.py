# SPDX-License-Identifier: GPL-2.0-or-later
"""Watch the WebSocket: live.py HOST PORT SECONDS. Subscribes to everything, again
when it is closed, and prints how many messages of which type came."""
import sys
import time

from live_socket import subscribe

host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
WANTED = {"subscribe": {"nodes": "*", "metrics": ["cpu.", "net.", "memory"], "detail": "node-00001"}}


def watch(counts, end):
    for message in subscribe(host, port, WANTED):
        counts[message["type"]] = counts.get(message["type"], 0) + 1
        if time.monotonic() > end:
            break


counts, end = {}, time.monotonic() + seconds
while time.monotonic() < end:
    watch(counts, end)
for name in sorted(counts):
    print(name, counts[name])
