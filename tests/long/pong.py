# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: pong.py HOST PORT

Two WebSockets at /api/v1/live: one answers pings, the other does not. Prints how many
pings each had, and whether it was closed: the first one is waited for until its second.
"""
import socket
import struct
import sys
import threading

UPGRADE = (b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Protocol: ktach-live\r\n\r\n")
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
PINGS = 2


def masked(opcode, payload):
    return bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def take(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def message(stream):
    """The opcode and payload of a frame."""
    opcode, size = take(stream, 2)
    if size == 126:
        size = struct.unpack(">H", take(stream, 2))[0]
    elif size == 127:
        size = struct.unpack(">Q", take(stream, 8))[0]
    return opcode & 15, take(stream, size)


def visit(name, answers):
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 300)
    s.sendall(UPGRADE)
    stream = s.makefile("rb")
    while stream.readline().strip():
        pass
    s.sendall(masked(TEXT, b'{"subscribe": {"nodes": "*"}}'))
    pings, how = 0, "open"
    try:
        while pings < PINGS:
            opcode, payload = message(stream)
            if opcode == CLOSE:
                raise EOFError
            if opcode == PING:
                pings += 1
                if answers:
                    s.sendall(masked(PONG, payload))
    except (EOFError, ConnectionError):
        how = "closed"
    sys.stdout.write(f"{name}: {pings} pings, {how}\n") # in one piece: print() takes two


visitors = [threading.Thread(target=visit, args=a) for a in (("answers", True), ("silent", False))]
for v in visitors:
    v.start()
for v in visitors:
    v.join()
