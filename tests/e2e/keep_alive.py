# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: keep_alive.py PORT [tls]
Prints how many segments of TCP had the answers to 20 requests over one connection, and 20
if each was one, or by TLS one for each record of 16 KiB. An answer in two waits for the
acknowledgement of the first, which comes 40 ms later.
"""
import socket
import ssl
import struct
import sys

REQUESTS = 20
RECORD = 16384
DATA_SEGS_IN = 152  # of struct tcp_info

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
if len(sys.argv) > 2:
    s = ssl._create_unverified_context().wrap_socket(s)
answers = s.makefile("rb")


def ask(path):
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    size = head = 0
    while (line := answers.readline().lower()) != b"\r\n":
        head += len(line)
        if line.startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    answers.read(size)
    return head + 2 + size


def segments():
    return struct.unpack_from("I", s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), DATA_SEGS_IN)[0]


for path in ("/api/v1/version", "/style.css", "/api/v1/nothing"):
    more = (ask(path) - 1) // RECORD if len(sys.argv) > 2 else 0
    before = segments()
    for _ in range(REQUESTS):
        ask(path)
    print(path, segments() - before - REQUESTS * more)
