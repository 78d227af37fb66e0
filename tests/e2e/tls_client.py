# SPDX-License-Identifier: GPL-2.0-or-later
"""Visit the collector by TLS: tls_client.py PORT NODES PID. TAP lines.

PID is the collector's, NODES how many it knows.
"""
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

port, nodes, pid = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
UPGRADE = (b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Protocol: ktach-live\r\n\r\n")
SUBSCRIPTION = b'{"subscribe":{"nodes":"*","metrics":[""]}}'


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"# {detail}")


def context(newest=ssl.TLSVersion.TLSv1_3):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode, c.maximum_version = False, ssl.CERT_NONE, newest
    return c


def visit(newest=ssl.TLSVersion.TLSv1_3, room=None):
    """A connection that takes an end without "close notify" for an error."""
    s = socket.socket()
    if room:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    s.settimeout(30)
    s.connect(("127.0.0.1", port))
    return context(newest).wrap_socket(s, suppress_ragged_eofs=False)


def request(path, *lines):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def take_answer(f):
    status, length = int(f.readline().split()[1]), 0
    while (line := f.readline().strip()):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, f.read(length)


def take_message(f):
    text, final = b"", False
    while not final:
        head = f.read(2)
        size = head[1] & 127
        if size == 126:
            size, = struct.unpack(">H", f.read(2))
        elif size == 127:
            size, = struct.unpack(">Q", f.read(8))
        text, final = text + f.read(size), head[0] & 0x80
    return json.loads(text)


def subscribe(s):
    s.sendall(bytes([0x81, 0x80 | len(SUBSCRIPTION), 0, 0, 0, 0]) + SUBSCRIPTION)


def open_socket():
    s = visit()
    s.sendall(UPGRADE)
    f = s.makefile("rb")
    return s, f, take_answer(f)[0]


def both_versions():
    for newest in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        s = visit(newest)
        f = s.makefile("rb")
        got = []
        for piece in request("/api/v1/version"), request("/style.css"):
            for byte in piece:  # a record each
                s.sendall(bytes([byte]))
            got.append(take_answer(f)[0])
        s.sendall(request("/api/v1/version") * 5 + request("/api/v1/health", "Connection: close"))
        got += [take_answer(f)[0] for _ in range(6)]
        ok(got == [200] * 8 and s.version() == newest.name.replace("_", "."), f"{s.version()}: eight answers in a row", got)
        try:
            rest = f.read()
        except ssl.SSLError as error:
            rest = error
        ok(rest == b"", f"{s.version()}: and then its end, said by TLS", rest)


def slow_reader():
    s = visit(room=4096)
    f = s.makefile("rb", 2048)
    s.sendall(request("/api/v1/nodes"))
    time.sleep(1)
    s.sendall(request("/api/v1/version", "Connection: close"))
    status, body = take_answer(f)
    count = len(json.loads(body)["nodes"])
    ok(status == 200 and len(body) > 3 * 65536 and count == nodes, "a large answer that is read late is whole", (status, count, len(body)))
    status, _ = take_answer(f)
    ok(status == 200 and f.read() == b"", "and the one behind it", status)


def bad_length():
    s = visit()
    s.sendall(request("/", "Content-Length: +1"))
    f = s.makefile("rb")
    ok(take_answer(f)[0] == 400 and f.read() == b"", "a bad length gets its answer by TLS, too, and the end")


def websocket():
    s, f, status = open_socket()
    ok(status == 101, "a WebSocket", status)
    for i in range(3):
        subscribe(s)
        message = take_message(f)
        while not message.get("whole"):
            message = take_message(f)
        ok(len(message["nodes"]) == nodes, f"message {i + 1} with all nodes is whole", len(message["nodes"]))
    return s


def no_spin():
    """100 half handshakes beside a WebSocket."""
    keep = open_socket()
    half = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for s in half:
        s.sendall(bytes([22, 3, 1, 2, 0, 1, 0, 1]))
    time.sleep(0.5)
    log = subprocess.run(["timeout", "1", "strace", "-c", "-p", str(pid)], stderr=subprocess.PIPE, text=True).stderr
    calls = {line.split()[-1]: int(line.split()[3]) for line in log.splitlines() if line.split()[-1:] and line.split()[-1].isidentifier()
             and len(line.split()) > 3 and line.split()[3].isdigit()}
    turns, reads = calls.get("epoll_wait", 0), calls.get("recvfrom", 0)
    ok(0 < turns < 100 and reads < 2000, f"100 half handshakes keep nobody busy: {turns} turns of the loop in a second, {reads} reads", log)
    for s in half:
        s.close()
    return keep


def hello():
    """What a handshake begins with: a server answers it as often as it comes."""
    out = ssl.MemoryBIO()
    try:
        context().wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def flood():
    """As many handshakes of one address as can be begun, beside visits from another."""
    first, held, got = hello(), [], []

    def visits():
        for _ in range(10):
            v = visit()
            v.sendall(request("/api/v1/version"))
            got.append(take_answer(v.makefile("rb"))[0])
            v.close()

    others = threading.Thread(target=visits)
    others.start()
    while others.is_alive() or len(held) < 600:
        s = socket.create_connection(("127.0.0.1", port), 30, ("127.0.0.2", 0))
        s.sendall(first)
        held.append(s)
        if len(held) > 800:
            held.pop(0).close()
    ok(got == [200] * 10, "a flood of handshakes: visits from another address are answered", got)
    for s in held:
        s.close()


def descriptors():
    """More than there is room for: how many it has open at most."""
    crowd, most = [], 0
    for _ in range(60):
        try:
            crowd.append(open_socket())
        except OSError:
            pass
        most = max(most, len(os.listdir(f"/proc/{pid}/fd")))
    return most


if len(sys.argv) > 4:
    print(descriptors())
else:
    both_versions()
    slow_reader()
    bad_length()
    websocket()
    no_spin()
    flood()
