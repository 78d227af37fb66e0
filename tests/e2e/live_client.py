# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: live_client.py HOST:PORT TOKEN

Subscribe to all nodes at /api/v1/live over TLS. Prints a line for each message,
and how the server closed: "closed CODE", or "dropped" without a word.
"""
import json
import socket
import ssl
import struct
import sys

address, token = sys.argv[1:]
host, port = address.rsplit(":", 1)
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
s = context.wrap_socket(socket.create_connection((host, int(port)), timeout=60))
s.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n"
           "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ktach-live\r\n\r\n").encode())
f = s.makefile("rb")
status = f.readline().split() or [b"", b"at once"]
while f.readline().strip():
    pass
if status[1] != b"101":
    sys.exit(f"refused {status[1].decode()}")


def send(opcode, payload):
    """Masked, as a client has to; of 125 bytes at most."""
    s.sendall(bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload)


send(1, json.dumps({"subscribe": {"nodes": "*"}}).encode())
message = b""
while True:
    head = f.read(2)
    if len(head) < 2:
        print("dropped")
        break
    size = head[1] & 0x7f
    if size == 126:
        size, = struct.unpack(">H", f.read(2))
    elif size == 127:
        size, = struct.unpack(">Q", f.read(8))
    payload = f.read(size)
    if head[0] & 0xf == 8:
        print("closed", struct.unpack(">H", payload[:2])[0])
        break
    message += payload
    if head[0] & 0x80:
        print("message", json.loads(message)["type"], flush=True)
        message = b""
