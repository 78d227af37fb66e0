# SPDX-License-Identifier: GPL-2.0-or-later
"""A host that sends frames as it is told, one each --every s: its name, and
load_1min as a gauge. Over TCP it reads what comes back, and leaves it alone.

Usage: node.py udp|tcp PORT [options]; prints "sent" at the end.
"""
import argparse
import socket
import struct
import time

from crc import crc32c

p = argparse.ArgumentParser()
p.add_argument("way", choices=["udp", "tcp"])
p.add_argument("port", type=int)
p.add_argument("--id", default="a", help="a letter, 16 times")
p.add_argument("--name", default="host")
p.add_argument("--boot", type=int, default=1)
p.add_argument("--session", type=int, default=1, help="larger ones began later")
p.add_argument("--first", type=int, default=1, help="number of the first frame")
p.add_argument("--count", type=int, default=10)
p.add_argument("--every", type=float, default=1)
p.add_argument("--period", type=float, help="s, that it says it has; --every")
p.add_argument("--clock", type=float, default=0, help="s ahead of the true time")
p.add_argument("--samples", type=float, default=0, help="s that samples are ahead of their frame")
p.add_argument("--load", type=int, default=125, help="hundredths")
p.add_argument("--rows", type=int, default=0, help="interrupts, too")
p.add_argument("--first-row", type=int, default=0)
p.add_argument("--agents", nargs="*", default=[], help="names of agents, too")
p.add_argument("--flood", type=int, default=0, help="as many agents a frame, whose keys and names are new in each, and odd")
p.add_argument("--bad", choices=["value", "table"], help="another table: with a number that cannot be, or cut off")
o = p.parse_args()

KEY, COUNTER, GAUGE = 0, 1, 2
PLAIN, DELTA = 1 << 3, 3 << 3


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out) + bytes([n])


def signed(n):
    return varint(n << 1 if n >= 0 else -2 * n - 1)


def plain(values):
    """A column of as many bits as the largest of each 16 needs."""
    out = b""
    for i in range(0, len(values), 16):
        block = values[i:i + 16]
        width = max(v.bit_length() for v in block)
        bits = sum(v << n * width for n, v in enumerate(block))
        out += bytes([width]) + bits.to_bytes((len(block) * width + 7) // 8, "little")
    return out


def table(kind, rows, columns, texts, ahead_ns, mono_ns):
    """Columns are (type, values); rows' texts follow one after the other."""
    body = varint(2) + varint(len(columns)) + varint(texts[0]) + varint(rows) + varint(1)
    body += signed(0) + signed(ahead_ns) + signed(mono_ns) + signed(0)
    for kind_of, values in columns:
        body += bytes([kind_of | PLAIN]) + plain(values)
    for text in texts[1]:
        body += varint(len(text)) + text
    return varint(kind) + varint(1) + varint(len(body)) + body


def odd_name(sequence, n):
    """What JSON, HTML, a log or a template may take for their own; 255 bytes."""
    odd = [b'"}],"alarms":[{', b"\\u0000\x00\r\nX: y", b"</script><img src=x onerror=1>", b"{{ .Labels }}${HOME}%s%n",
           "\u202e\u200b\U0001f4a5".encode(), b"\xff\xfe\xc0\x80\xed\xa0\x80", b"\x1b]0;x\x07\x1b[2J", b"'; drop table alarm; --"]
    return (b"%d-%d " % (sequence, n) + odd[n % len(odd)] * 20)[:255]


def frame(sequence):
    now = time.time_ns() + int(o.clock * 1e9)
    ahead, mono = int(o.samples * 1e9), time.monotonic_ns()
    payload = table(1, 1, [(KEY, [0]), (GAUGE, [int((o.period or o.every) * 1e9)]), (COUNTER, [0])],
                    (2, [o.name.encode(), b"1.0"]), ahead, mono)
    payload += table(5, 1, [(KEY, [0]), (GAUGE, [o.load])], (0, []), ahead, mono)
    if o.rows:
        keys = range(o.first_row, o.first_row + o.rows)
        payload += table(14, o.rows, [(KEY, list(keys)), (COUNTER, [1] * o.rows)],
                         (1, [b""] * o.rows), ahead, mono)
        o.first_row += o.rows
    names, first = [name.encode() for name in o.agents], 0
    if o.flood:
        names, first = [odd_name(sequence, n) for n in range(o.flood)], sequence * o.flood
    if names:
        columns = [(KEY, [7 * (first + n) for n in range(len(names))])]
        columns += [(kind, [1] * len(names)) for kind in (COUNTER, GAUGE, COUNTER, COUNTER, GAUGE, GAUGE, GAUGE, COUNTER)]
        payload += table(15, len(names), columns, (1, names), ahead, mono)
    if o.bad == "value":
        payload += table(6, 1, [(KEY, [0]), (COUNTER, [2 ** 63 + 1])], (0, []), ahead, mono)
    if o.bad == "table":
        payload += varint(6) + varint(1) + varint(3) + b"\2\2\0"
    head = b"KTCH" + struct.pack("<BBHII", 2, 1, 0, len(payload), 0) + o.id.encode() * 16
    head += bytes([o.boot]) * 16 + struct.pack("<QQQ", o.session, sequence, now)
    check = struct.pack("<I", crc32c(head + payload))
    return head[:12] + check + head[16:] + payload


def connect():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if o.way == "udp" else socket.SOCK_STREAM)
    s.connect(("127.0.0.1", o.port))
    return s


s = connect()
for n in range(o.first, o.first + o.count):
    if n > o.first:
        time.sleep(o.every)
    try:
        s.sendall(frame(n))
    except OSError:
        time.sleep(0.2)
        s = connect()
        s.sendall(frame(n))
if o.way == "tcp":
    s.settimeout(2)
    try:
        while s.recv(4096):
            pass
    except OSError:
        pass
print("sent")
