# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the WebSocket at /api/v1/live, for tests."""
import base64
import json
import os
import socket
import struct


def send(s, text):
    mask, data = os.urandom(4), text.encode()
    size = len(data)
    head = struct.pack(">BB", 0x81, 0x80 | size) if size < 126 else struct.pack(">BBH", 0x81, 0xfe, size)
    s.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))


def messages(stream):
    """Texts, put together from their fragments, until the server closes."""
    text = b""
    while True:
        head = stream.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return
        size = head[1] & 127
        if size == 126:
            size = struct.unpack(">H", stream.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", stream.read(8))[0]
        text += stream.read(size)
        if head[0] & 0x80:
            yield json.loads(text)
            text = b""


def subscribe(host, port, wanted):
    """The messages that come, one after the other."""
    s = socket.create_connection((host, port), timeout=60)
    s.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\n"
               "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ktach-live\r\n"
               "Sec-WebSocket-Key: " + base64.b64encode(b"0" * 16).decode() + "\r\n\r\n").encode())
    stream = s.makefile("rb")
    while stream.readline().strip():
        pass
    send(s, json.dumps(wanted))
    return messages(stream)
