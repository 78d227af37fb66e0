#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that are held and bring nothing.

  crowd.py PORT COUNT idle|half|header|trickle [back [ADDRESS]]

COUNT connections to 127.0.0.1: PORT that send nothing, a frame of 65,000 bytes
that never ends, the first half of a frame's header, or a byte of it now and
then. Those that are closed are counted, and with "back" come back at once, from an
address of their own if there is one.
Says "there" when all were made, "open N" at each line of input and at its end.
"""
import resource
import select
import socket
import struct
import sys

port, count, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
back = "back" in sys.argv[4:]
own = sys.argv[5] if len(sys.argv) > 5 else None
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
header = b"KTCH" + struct.pack("<BBHII", 2, 1, 0, 65400, 0) + bytes(16 * 2 + 8 * 3)
first = {"idle": b"", "half": header + bytes(65000 - len(header)),
         "header": header[:36], "trickle": header[:1]}[kind]
poll = select.poll()
held = {}


def connect():
    """The queue of a busy collector may be full for a while."""
    while True:
        s = socket.socket()
        s.settimeout(5)
        try:
            if own:
                s.bind((own, 0))
            s.connect(("127.0.0.1", port))
            break
        except (TimeoutError, ConnectionError):
            s.close()
            if not back:
                raise
    s.setblocking(False)
    try:
        if first:
            s.send(first)
    except OSError:
        pass
    held[s.fileno()] = s
    poll.register(s, select.POLLIN)


def look(wait_ms):
    for fd, _ in poll.poll(wait_ms):
        if fd == 0:
            return sys.stdin.readline()
        poll.unregister(fd)
        held.pop(fd).close()
        if back:
            connect()
    return None


made = 0
while made < count:
    try:
        connect()
        made += 1
    except OSError as e:
        print("stopped at", made, e, flush=True)
        break
    if made % 500 == 0:
        look(0)
print("there", flush=True)
poll.register(0, select.POLLIN)
while True:
    line = look(300)
    if line == "":
        break
    if line:
        while poll.poll(0):
            if look(0) == "":
                break
        print("open", len(held), flush=True)
    elif kind == "trickle":
        for at, s in enumerate(list(held.values())):
            try:
                s.send(header[1 + at % 30:2 + at % 30])
            except OSError:
                pass
