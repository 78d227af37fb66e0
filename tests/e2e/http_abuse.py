# SPDX-License-Identifier: GPL-2.0-or-later
"""Abuse the collector's HTTP server on loopback. TAP lines.

http_abuse.py HOST PORT PID SECONDS: broken requests and broken WebSocket messages
(from a seed that is printed), then clients that are slow: half a request, answers
and pushes that nobody reads. In between and at the end it has to answer others
quickly, and its memory has to stay bounded.
"""
import base64
import json
import os
import random
import socket
import struct
import sys
import time
import urllib.request

host, port, pid, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
seed = int(os.environ.get("KTACH_SEED", time.time_ns()))
rng = random.Random(seed)
print(f"# KTACH_SEED={seed}")

UPGRADE = (f"GET /api/v1/live HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\n"
           "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ktach-live\r\n"
           "Sec-WebSocket-Key: " + base64.b64encode(b"0" * 16).decode() + "\r\n\r\n").encode()
REQUESTS = [
    f"GET /api/v1/topk?metric=cpu.busy&k=3 HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode(),
    f"GET /api/v1/history?node=node-00001&metric=cpu.user_ns&from=-1m HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
    f"POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 12\r\n\r\ntoken=abcdef".encode(),
    UPGRADE,
]


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"# {detail}")


def connect(timeout=2.0, room=None):
    s = socket.socket()
    if room:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    s.settimeout(timeout)
    s.connect((host, port))
    return s


def alive():
    """Whether somebody else is answered, and how long that took."""
    start = time.monotonic()
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/api/v1/version", timeout=10) as answer:
            return json.load(answer)["api"] == 1, time.monotonic() - start
    except OSError as error:
        return False, error


def memory_kb():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def frame(data, opcode=1, masked=True, final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    bit = 0x80 if masked else 0
    if len(data) < 126:
        head += bytes([bit | len(data)])
    elif len(data) < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", len(data))
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", len(data))
    if not masked:
        return head + data
    mask = bytes(rng.randrange(256) for _ in range(4))
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


def mutate(data):
    data = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        if not data:
            break
        at = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at:at + rng.randrange(1, 20)]
        elif kind == 2:
            data[at:at] = bytes(rng.choice(b"%&=?/\r\n\0{}[]\":,a0\xff") for _ in range(rng.randrange(1, 40)))
        elif kind == 3:
            data[at:at] = data[:rng.randrange(len(data))]
        else:
            data = data[:at]
    return bytes(data)


def subscription():
    views = [{"subscribe": {"nodes": "*", "metrics": [""], "detail": "node-00001"}},
             {"subscribe": {"nodes": ["node-00001", "x"], "metrics": ["cpu.", "net."]}},
             {"subscribe": {"nodes": 7}}, {"subscribe": []}, [], {"subscribe": {"detail": "a" * 300}},
             {"subscribe": {"nodes": ["a" * 10] * 300}}, {"subscribe": {"metrics": [[[[1]]]]}}]
    return json.dumps(rng.choice(views)).encode()


def drain(s):
    try:
        return s.recv(65536)
    except OSError:
        return b""


def fuzz_once():
    s = connect(0.05)
    try:
        if rng.random() < 0.5:
            s.sendall(mutate(rng.choice(REQUESTS)))
        else:
            s.sendall(UPGRADE)
            drain(s)
            for _ in range(rng.randrange(1, 4)):
                message = subscription()
                data = frame(message, rng.choice([0, 1, 1, 1, 2, 8, 9, 10, 3]), rng.random() < 0.9, rng.random() < 0.8)
                s.sendall(mutate(data) if rng.random() < 0.5 else data)
        drain(s)
    except OSError:
        pass
    s.close()


def fuzz():
    end, n = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        fuzz_once()
        n += 1
    good, took = alive()
    ok(good and n > 20, f"it answers after broken requests and messages", f"{n} requests, {took}")


def slow_requests():
    """More half requests than it has room for; they have to give way in time."""
    clients = []
    for i in range(600):
        try:
            s = connect(0.2)
            s.sendall(REQUESTS[0][:10 + i % 30])
            clients.append(s)
        except OSError:
            break
    end, good = time.monotonic() + 60, False
    while time.monotonic() < end and not good:
        good, took = alive()
        if not good:
            time.sleep(1)
    ok(good, "600 half requests don't keep others out for long", took)
    for s in clients:
        s.close()


def slow_readers():
    """Clients that subscribe to everything and read nothing."""
    before = memory_kb()
    clients = []
    for _ in range(90):
        s = connect(2, room=4096)
        s.sendall(UPGRADE)
        s.recv(1024)
        s.sendall(frame(b'{"subscribe":{"nodes":"*","metrics":[""]}}'))
        clients.append(s)
    time.sleep(10)
    good, took = alive()
    ok(good and took < 2, "90 clients that don't read hold nobody up", took)
    grown = memory_kb() - before
    ok(grown < 100 * 1024, "and memory stays bounded", f"{grown} kB more")
    print(f"# {grown} kB more with 90 of them")
    data = b""
    clients[0].settimeout(5)
    try:
        while data.count(b'"type":"nodes"') < 2:
            data += clients[0].recv(65536)
    except OSError:
        pass
    ok(data.count(b'"type":"nodes"') >= 2, "one that reads again gets on", len(data))
    for s in clients:
        s.close()


def open_socket():
    """A WebSocket, or None where there is none to be had."""
    s = connect(10)
    s.sendall(UPGRADE)
    if b" 101 " in s.recv(1024):
        return s
    s.close()
    return None


def read_until(s, what):
    data = b""
    try:
        while what not in data:
            more = s.recv(65536)
            if not more:
                break
            data += more
    except OSError:
        pass
    return what in data


def subscription_flood():
    """Clients that want to see something else again and again, and read it."""
    want = frame(b'{"subscribe":{"nodes":"*","metrics":[""]}}')
    patient = open_socket()
    for _ in range(20):
        patient.sendall(want)
    ended = 0
    for _ in range(20):
        s = open_socket()
        try:
            for _ in range(100):
                s.sendall(want)
            while s.recv(1 << 20):
                pass
            ended += 1
        except ConnectionError:
            ended += 1
        except OSError:
            pass
        s.close()
    ok(ended == 20, "who subscribes again and again is closed", ended)
    ok(read_until(patient, b'"whole":true'), "who changes its view now and then is told")
    good, took = alive()
    ok(good, "and others are answered", took)
    patient.close()


def endless_message():
    """A message of empty pieces, which never ends."""
    s = open_socket()
    ended = False
    try:
        s.sendall(frame(b'{"subscribe":{"nodes":[]}}') + frame(b"", 1, final=False))
        for _ in range(100):
            s.sendall(frame(b"", 0, final=False) * 1000)
        while s.recv(1 << 16):
            pass
        ended = True
    except ConnectionError:
        ended = True
    except OSError:
        pass
    ok(ended, "a message that never ends is ended")
    s.close()


def many_sockets():
    """One address does not get all WebSockets that there are."""
    clients = [open_socket() for _ in range(110)]
    for s in clients:
        if s:
            s.sendall(frame(b'{"subscribe":{"nodes":[]}}'))
    there = [s for s in clients if s]
    for s in there[:]:
        if not read_until(s, b'"nodes"'):
            there.remove(s)
    ok(50 < len(there) <= 96, "an address has three quarters of the WebSockets at most", len(there))
    for s in clients:
        if s:
            s.close()


fuzz()
subscription_flood()
endless_message()
many_sockets()
slow_readers()
slow_requests()
