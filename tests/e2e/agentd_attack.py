# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: agentd_attack.py KIND PORT FOLDER SEED
What a local user without rights does to ktach-agentd's sockets; the folder has the Unix ones.

    idle     400 connections that say nothing stay until standard input ends
    halves   the same, each with the half of a request
    lies     datagrams in the name of agents: without sense, with files, deep, long, half
    requests whole connections that are wrong, by a seed; the answers are counted
    lines    the same to the operator's socket
"""
import array
import json
import os
import random
import socket
import sys

os.setgroups([])
os.setgid(65534)
os.setuid(65534)
kind, port, folder, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
dice = random.Random(seed)
GOOD = b'{"agent_id":"good","pid":1,"cpu":1.5,"memory":100}'


def crowd(text):
    """As many as the queue takes, and more; those that are closed come again."""
    everybody = []
    for i in range(400):
        s = socket.socket(socket.AF_INET if i % 4 else socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(("127.0.0.1", port) if i % 4 else f"{folder}/agentd.sock")
        except BlockingIOError:
            pass
        try:
            s.send(text)
        except OSError:
            pass
        everybody.append(s)
    print("there", flush=True)
    sys.stdin.read()


def bodies():
    yield b""
    yield b"[" * 4000
    yield b'{"agent_id":' * 300
    yield GOOD[:-1]
    yield GOOD + GOOD
    yield b'{"agent_id":"good","pid":1e400}'
    yield b'{"agent_id":"good","pid":99999999999999999999999}'
    yield b'{"agent_id":"good","pid":1,"cpu":1e308,"memory":-0.0}'
    yield b'{"agent_id":"' + "‮".encode() * 60 + b'","pid":1}'
    yield b'{"agent_id":"good\\u0000x","pid":1}'
    yield b'{"agent_id":"good","pid":-1}'
    yield b'"' + b"\xff" * 300
    yield b"\0" * 4096
    yield b"x" * 8000
    while True:
        text = bytearray(GOOD)
        for _ in range(dice.randrange(1, 6)):
            text[dice.randrange(len(text))] = dice.randrange(256)
        yield bytes(text)


def lies():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    files = [open("/dev/null") for _ in range(8)]
    passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [f.fileno() for f in files]))]
    all_bodies = bodies()
    for i in range(5000):
        text = GOOD if i % 3 == 0 else next(all_bodies)
        s.sendmsg([text], passed if i % 5 == 0 else [], 0, f"{folder}/heartbeat.sock")


def requests():
    heads = [b"POST /heartbeat HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n",
             b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
             b"POST /heartbeat HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nAuthorization: Bearer x\r\n\r\n",
             b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\n\r\n",
             b"\0\0\0 HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n", b"G" * 7000,
             b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 900 + b"\r\n"]
    all_bodies = bodies()
    for _ in range(1500):
        body = next(all_bodies)
        head = dice.choice(heads)
        text = bytearray((head % len(body) if b"%d" in head else head) + body)
        for _ in range(dice.choice([0, 0, 1, 5])):
            text[dice.randrange(len(text))] = dice.randrange(256)
        s = socket.socket()
        s.connect(("127.0.0.1", port))
        exchange(s, bytes(text), b"HTTP/1.1 ")


def lines():
    for _ in range(1500):
        text = dice.choice([b"list\n", b"list good\n", b"start --all\n", b"stop good\n", b"x" * 7000, b"\n", b"list \xff\0\n",
                            bytes(dice.randrange(256) for _ in range(dice.randrange(1, 200))) + b"\n"])
        s = socket.socket(socket.AF_UNIX)
        s.connect(f"{folder}/agentd.sock")
        exchange(s, text, b"")


def exchange(s, text, start):
    """One answer at most, then the end; some don't wait for it."""
    s.settimeout(60)
    try:
        cut = dice.choice([len(text), len(text), 1, dice.randrange(len(text) + 1)])
        s.sendall(text[:cut])
        s.sendall(text[cut:])
        if dice.randrange(4) == 0:
            return
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            more = s.recv(65536)
            if not more:
                break
            answer += more
        if not answer.startswith(start) and answer or (start and answer.count(start) > 1):
            sys.exit(f"{text!r}: {answer!r}")
        if start and b"\r\n\r\n{" in answer:
            json.loads(answer.split(b"\r\n\r\n", 1)[1])
    except TimeoutError:
        sys.exit(f"{text!r}: no answer")
    except OSError:
        pass  # it was ended before all was sent
    finally:
        s.close()


if kind in ("idle", "halves"):
    crowd(b"" if kind == "idle" else b"POST /heartbeat HTTP/1.1\r\nHost: local")
else:
    {"lies": lies, "requests": requests, "lines": lines}[kind]()
