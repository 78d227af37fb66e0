#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""enroll.py HOST:PORT WHAT [TOKEN [NODE...]]

Somebody who speaks to the port that hosts enrol on, other than a shipper does. Prints
what came of it, a line each.

  ask TOKEN NODE...   each node asks with this token, all at once; prints the first
                      word of each answer, sorted, with their number
  say TEXT            says this in TLS, and prints what comes back
  old                 offers TLS 1.2 at most
  garbage             bytes that are no TLS, from 40 connections
  hold COUNT          holds connections that say nothing, until stdin ends; prints how
                      many are open after each was tried
  drip TOKEN NODE     says a good line, a byte each 0.2 s, and prints the first word of the answer
"""
import base64
import collections
import os
import socket
import ssl
import sys
import threading
import time

host, port = sys.argv[1].rsplit(":", 1)
what, words = sys.argv[2], sys.argv[3:]


def connect():
    s = socket.create_connection((host, int(port)), timeout=60)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def tls(s, newest=ssl.TLSVersion.TLSv1_3):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.maximum_version = newest
    return c.wrap_socket(s)


def hello(token, node):
    secret = base64.urlsafe_b64decode(token[4:])[:16]
    return b"ktach-enroll 1 %s %s\n" % (secret.hex().encode(), node.encode())


def answer(s):
    """The first line; or why there is none."""
    text = b""
    try:
        while b"\n" not in text:
            more = s.recv(4096)
            if not more:
                break
            text += more
    except OSError as e:
        return type(e).__name__
    return text.split(b"\n")[0].decode() or "closed"


if what == "ask":
    token, nodes = words[0], words[1:]
    ready, answers = threading.Barrier(len(nodes)), []

    def one(node):
        s = tls(connect())
        ready.wait()
        s.sendall(hello(token, node))
        answers.append(answer(s).split(" ")[0])

    threads = [threading.Thread(target=one, args=(node,)) for node in nodes]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for word, count in sorted(collections.Counter(answers).items()):
        print(count, word)
elif what == "say":
    s = tls(connect())
    s.sendall(words[0].encode().decode("unicode_escape").encode("latin-1"))
    print(answer(s))
elif what == "old":
    try:
        tls(connect(), ssl.TLSVersion.TLSv1_2)
        print("taken")
    except OSError:
        print("refused")
elif what == "garbage":
    for i in range(40):
        try:
            s = connect()
            s.sendall(os.urandom(1 + i * 50))
            s.shutdown(socket.SHUT_WR)
            s.recv(100)
        except OSError:
            pass
    print("done")
elif what == "hold":
    held = []
    for i in range(int(words[0])):
        held.append(connect())
    time.sleep(0.5)
    open_ones = 0
    for s in held:
        s.setblocking(False)
        try:
            open_ones += s.recv(1) != b""
        except BlockingIOError:
            open_ones += 1
        except OSError:
            pass
    print(open_ones, flush=True)
    sys.stdin.read()
elif what == "drip":
    s = tls(connect())
    try:
        for byte in hello(*words):
            s.sendall(bytes([byte]))
            time.sleep(0.2)
    except OSError:
        pass
    print(answer(s).split(" ")[0])
