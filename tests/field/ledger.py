# SPDX-License-Identifier: GPL-2.0-or-later
"""Between shippers and two collectors: hands frames on, UDP and TCP, keeps a ledger
of what went to whom, and compares each second what the collectors' API says of
each node with it: its state, and what came and was lost of it.

Usage: ledger.py LISTEN_A FEED_A HTTP_A LISTEN_B FEED_B HTTP_B ORDERS

A datagram of more than MTU - 28 bytes is dropped without a word, as by a path
whose ICMP is filtered. Lines in the file ORDERS, a pipe: "down A" and "up A" say that a collector
does not answer, and does again; "ended NAME ..." that these shippers were stopped; "end" prints the ledger as JSON and ends. What
does not agree is printed as "wrong: ..." at once. At the end there are lines "acked NODE MONO_NS" of each sample of the
CPUs whose frame was acknowledged.
"""
import json
import socket
import struct
import sys
import threading
import time
import urllib.request
import uuid
from http.client import HTTPException

HEADER, MTU = 72, 1280
SAMPLES, ACK = 1, 2
CPU = 2  # table
CALM_S = 4  # after a start: what was going on before is over
COUNTED_S = 6  # what an older session sent so long ago has come, or is known to be missing
BUSY_PERCENT = 20  # of the time somebody waits for a CPU: what is late may be so for that

lock = threading.Lock()
newest = {}  # (node, session): largest number that was sent
last = {}  # (node, collector): when a frame was handed on
first = {}  # (node, collector): when the first one was
acked = {}  # (node, session): largest number that was acknowledged
taken_at = {}  # (node, session, number): when samples in that frame were taken, monotonic ns
handed = {}  # (node, collector): frames that were handed on: {(session, number)}
sent_at = {}  # node: when each of its frames was seen first: {(session, number): when}
swallowed = 0
stayed = {}  # by collector and node: how often in a row it was said to have moved, and sent
over = threading.Event()
ended = set()  # names of shippers that were stopped
up_since = {"A": time.monotonic(), "B": time.monotonic()}


class Reader:
    """The numbers of a frame's payload, one after the other (docs/wire.md)."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def varint(self):
        n = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            n |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return n

    def signed(self):
        n = self.varint()
        return n >> 1 if n % 2 == 0 else -(n + 1 >> 1)


def samples_of(frame):
    """When the samples of CPUs in a frame were taken."""
    r, found = Reader(frame[HEADER:]), []
    while r.at < len(r.data):
        kind, _, size = r.varint(), r.varint(), r.varint()
        end = r.at + size
        if kind == CPU:
            for _ in range(4):
                r.varint()  # origin, columns, texts, rows
            mono = []
            for i in range(r.varint()):
                r.signed(), r.signed()
                guess = 0 if i == 0 else mono[0] if i == 1 else 2 * mono[-1] - mono[-2]
                mono.append(r.signed() + guess)
                r.signed()
            found += mono
        r.at = end
    return found


def note(frame, name, when):
    node = str(uuid.UUID(bytes=frame[16:32]))
    session, sequence = struct.unpack("<QQ", frame[48:64])
    with lock:
        if frame[5] == SAMPLES:
            newest[node, session] = max(sequence, newest.get((node, session), 0))
            last[node, name] = when
            first.setdefault((node, name), when)
            handed.setdefault((node, name), set()).add((session, sequence))
            sent_at.setdefault(node, {}).setdefault((session, sequence), when)
            taken_at[node, session, sequence] = samples_of(frame)
        elif frame[5] == ACK:
            acked[node, session] = max(sequence, acked.get((node, session), 0))


def datagrams(name, port, feed):
    global swallowed
    inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    inside.bind(("127.0.0.1", port))
    ways = {}  # a socket a sender, so that the collector tells them apart
    while True:
        data, sender = inside.recvfrom(65536)
        if sender not in ways:
            ways[sender] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            ways[sender].connect(("127.0.0.1", feed))
        note(data, name, time.monotonic())
        if len(data) > MTU - 28:
            swallowed += 1
            continue
        try:
            ways[sender].send(data)
        except ConnectionRefusedError:
            pass


def pump(source, target, name):
    data = b""
    try:
        while True:
            more = source.recv(65536)
            if not more:
                break
            data += more
            while len(data) >= HEADER:
                size = HEADER + struct.unpack("<I", data[8:12])[0]
                if len(data) < size:
                    break
                note(data[:size], name, time.monotonic())
                data = data[size:]
            target.sendall(more)
    except OSError:
        pass
    for s in (source, target):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def streams(name, port, feed):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    while True:
        near, _ = listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", feed))
        except OSError:
            near.close()
            continue
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=(*pair, name), daemon=True).start()


def judge(node, age, since_start, last_here):
    """What is wrong with a node's state, for so long after its last frame."""
    state, stopped = node["state"], node["name"] in ended
    if since_start and age < 1.5 and state not in ("fresh", "moved") and not stopped:
        return "is sending"
    if age > 6 and state == "fresh":
        return "is silent"
    if since_start and age < 25 and state == "gone":
        return "was there a moment ago"
    if state == "ended" and not stopped:
        return "goes on"
    if state != "ended" and stopped and since_start and last_here and age > 1.5:
        return "has ended"
    return None


def stays(name, node, age):
    """Whether a node that is said to have moved has been sending here for seconds."""
    key = name, node["id"]
    stayed[key] = stayed.get(key, 0) + 1 if node["state"] == "moved" and age < 1.5 else 0
    return stayed[key] > 3


def ask(http, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{http}/api/v1/{path}", timeout=2) as answer:
        return json.load(answer)


def is_calm(name):
    return up_since[name] is not None and time.monotonic() - up_since[name] >= CALM_S


def counts_of(node):
    """What both collectors say of a node, the one that it sends to last; None while one of
    them does not tell."""
    told = []
    for name, http in (("A", http_a), ("B", http_b)):
        if (node, name) not in first:
            continue
        if not is_calm(name):
            return None
        try:
            answer = ask(http, f"nodes/{node}")
        except (OSError, HTTPException):
            time.sleep(0.5)  # an order that it went may be on its way
            if is_calm(name):
                raise
            return None
        with lock:
            most = len(handed[node, name])
            told.append((last[node, name], answer))
        if answer["loss"]["received"] > most:
            print(f"wrong: {name} says that {answer['loss']['received']} frames of {node} came, of {most}", flush=True)
    return [answer for _, answer in sorted(told, key=lambda pair: pair[0])]


def bounds(node, newest_told):
    """How many frames have to be counted at least, and can be at most, by one who has seen
    that session up to that number. Of other sessions those that are old enough have come."""
    since = time.monotonic() - COUNTED_S
    least = most = 0
    with lock:
        for (session, number), when in sent_at[node].items():
            if session == newest_told["session_ns"]:
                least += number <= newest_told["sequence"]
                most += number <= newest_told["sequence"]
            else:
                least += when < since
                most += 1
    return least, most


def judge_counts(node, name):
    """What is wrong with what is counted of a node: each frame came, or is missing, somewhere.
    What an older session sent is dropped, and is missing once its sender is let in."""
    told = counts_of(node)
    if not told:
        return None
    least, most = bounds(node, told[-1])
    losses = [answer["loss"] for answer in told]
    counted = sum(loss["received"] + loss["lost"] for loss in losses)
    dropped = sum(loss["straggler"] + loss["clone"] for loss in losses)
    lost = sum(loss["lost"] for loss in losses)
    if counted + dropped < least:
        return f"of which {counted} + {dropped} frames are counted, and {least} were sent up to {told[-1]['sequence']}"
    if name.startswith(("tcp", "spool")):
        return f"which lost {lost} frames, and goes by TCP" if lost else None
    return f"of which {counted} frames are counted, and {most} were sent" if counted > most else None


def uncounted(node, name):
    """The same, unless it was going from one collector to the other just then."""
    for _ in range(3):
        problem = judge_counts(node, name)
        if not problem:
            return None
        time.sleep(0.3)
    return problem


def find_wrong(name, http):
    """What is wrong at this moment, and of how many nodes that could be said."""
    nodes = {n["id"]: n for n in ask(http, "nodes")["nodes"]}
    now, wrong = time.monotonic(), []
    with lock:
        mine = {node: when for (node, to), when in last.items() if to == name}
        newest_at = {node: max(when for (n, _), when in last.items() if n == node) for node in mine}
        began = up_since[name]
    if began is None or now - began < CALM_S:
        return wrong, 0
    for node, when in mine.items():
        if node not in nodes:
            if now - first[node, name] > 1.5:
                wrong.append(f"{name} does not know {node}")
            continue
        problem = judge(nodes[node], now - when, when > began, when == newest_at[node])
        if stays(name, nodes[node], now - when):
            problem = "stays"
        if problem:
            wrong.append(f"{name} says {nodes[node]['state']} of {nodes[node]['name']}, which {problem}")
        problem = uncounted(node, nodes[node]["name"])
        if problem:
            wrong.append(f"{nodes[node]['name']}, {problem}")
    return wrong, len(mine)


def is_busy():
    """Whether programs wait for a CPU: what is due may be late for that."""
    with open("/proc/pressure/cpu") as pressure:
        return float(pressure.readline().split()[1].split("=")[1]) > BUSY_PERCENT


def compare(name, http):
    """On a machine that is busy what is wrong has to stay so."""
    wrong, count = find_wrong(name, http)
    tries = 10 if wrong and is_busy() else 0
    while wrong and tries:
        time.sleep(0.5)
        wrong, _ = find_wrong(name, http)
        tries -= 1
    for line in wrong:
        print(f"wrong: {line}", flush=True)
    return count


def take_orders():
    for line in orders:
        words = line.split()
        with lock:
            if words[0] == "end":
                over.set()
            elif words[0] == "ended":
                ended.update(words[1:])
            else:
                up_since[words[1]] = time.monotonic() if words[0] == "up" else None


listen_a, feed_a, http_a, listen_b, feed_b, http_b = map(int, sys.argv[1:7])
orders = open(sys.argv[7])
for name, port, feed in (("A", listen_a, feed_a), ("B", listen_b, feed_b)):
    for way in (datagrams, streams):
        threading.Thread(target=way, args=(name, port, feed), daemon=True).start()
print("ready", flush=True)
compared = 0
threading.Thread(target=take_orders, daemon=True).start()
while not over.wait(1):
    for name, http in (("A", http_a), ("B", http_b)):
        began = up_since[name]
        if began is None:
            continue
        try:
            compared += compare(name, http)
        except (OSError, HTTPException) as problem:
            time.sleep(0.5)  # an order that it went may be on its way
            if up_since[name] == began:
                print(f"wrong: {name} does not answer: {problem}", flush=True)
sent = {}
for (node, session), n in newest.items():
    sent[node] = sent.get(node, 0) + n
for (node, session, sequence), samples in taken_at.items():
    if sequence <= acked.get((node, session), 0):
        for mono_ns in samples:
            print(f"acked {node} {mono_ns}")
print(json.dumps({"sent": sent, "swallowed": swallowed, "compared": compared}), flush=True)
