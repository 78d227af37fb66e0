# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: tomorrow.py PORT COLLECTOR_PORT

A collector and a shipper of a later version: takes shippers' connections at PORT,
hands frames on both ways, and puts frames of kinds that nobody knows between
them, of each size from none to the largest, with flags that nobody knows.
Prints a line a connection, and "sent N" with how many went each way. On SIGUSR1 it
refuses shippers' frames, for a reason that nobody knows.
"""
import signal
import socket
import struct
import sys
import threading

from crc import crc32c

HEADER, LARGEST = 72, 65507


def unknown(kind, size, flags=0, good=True, payload=b""):
    frame = bytearray(b"KTCH" + bytes([2, kind]) + struct.pack("<HII", flags, size - HEADER, 0) + bytes(size - 16))
    frame[HEADER:] = payload or frame[HEADER:]
    if good:
        frame[12:16] = struct.pack("<I", crc32c(frame))
    return bytes(frame)


UNKNOWN = [unknown(200, HEADER), unknown(201, HEADER + 1), unknown(202, 1792), unknown(203, 1793),
           unknown(204, LARGEST), unknown(205, 5000, flags=0xFFFE), unknown(206, 300, flags=1, good=False)]


def read(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def hand_on(source, target, name):
    sent = 0
    try:
        while True:
            head = read(source, HEADER)
            frame = head + read(source, struct.unpack("<I", head[8:12])[0])
            extra = UNKNOWN[sent % len(UNKNOWN)]
            if sent < len(UNKNOWN):
                # Half before and half behind, in pieces that end anywhere.
                data = extra + frame if sent % 2 else frame + extra
                target.sendall(data[:100])
                target.sendall(data[100:])
            else:
                target.sendall(frame)
            sent += 1
            if sent == len(UNKNOWN):
                print(f"sent {sent} to the {name}", flush=True)
    except (EOFError, OSError):
        for s in (source, target):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


shippers = []
REFUSED = unknown(4, HEADER + 1, payload=b"\x02")
signal.signal(signal.SIGUSR1, lambda *_: [s.sendall(REFUSED) for s in shippers[-1:]])
port, collector = map(int, sys.argv[1:])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen()
print("port", listener.getsockname()[1], flush=True)
while True:
    shipper, _ = listener.accept()
    print("connection", flush=True)
    shippers.append(shipper)
    upstream = socket.create_connection(("127.0.0.1", collector))
    threading.Thread(target=hand_on, args=(shipper, upstream, "collector"), daemon=True).start()
    threading.Thread(target=hand_on, args=(upstream, shipper, "shipper"), daemon=True).start()
