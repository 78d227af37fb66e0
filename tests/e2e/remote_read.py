#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""remote_read.py URL FROM_S TO_S MATCHER...: ask for chunks by Prometheus' remote read, and print each sample of each
series: labels, ms, value. A MATCHER is NAME=VALUE or NAME~PATTERN. Reads Prometheus' own answers and the collector's
by one description of the format."""
import os
import struct
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "field"))
from crc import crc32c


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, data):
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def literal(data):
    """What snappy takes for compressed: pieces as they are."""
    out = varint(len(data))
    for at in range(0, len(data), 60):
        piece = data[at:at + 60]
        out += bytes([len(piece) - 1 << 2]) + piece
    return out


def take(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return number, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = take(data, at)
        if tag & 7 == 0:
            value, at = take(data, at)
        elif tag & 7 == 2:
            size, at = take(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


class Bits:
    def __init__(self, data):
        self.number, self.left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count):
        self.left -= count
        if self.left < 0:
            raise ValueError("a chunk ends early")
        return self.number >> self.left & (1 << count) - 1

    def varint(self):
        number = shift = 0
        while True:
            byte = self.take(8)
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def change(self):
        ones = 0
        while ones < 4 and self.take(1):
            ones += 1
        size = (0, 14, 17, 20, 64)[ones]
        if not size:
            return 0
        value = self.take(size)
        return value - (1 << size) if value > 1 << size - 1 else value


def samples(chunk):
    count, bits = struct.unpack(">H", chunk[:2])[0], Bits(chunk[2:])
    raw = bits.varint()
    time, value, apart, leading, size = raw >> 1 ^ -(raw & 1), bits.take(64), 0, 0, 0
    for i in range(count):
        if i:
            apart = bits.varint() if i == 1 else apart + bits.change()
            time += apart
            if bits.take(1):
                if bits.take(1):
                    leading, size = bits.take(5), bits.take(6) or 64
                value ^= bits.take(size) << 64 - leading - size
        yield time, struct.unpack(">d", value.to_bytes(8, "big"))[0]
    if bits.left > 8:  # Prometheus' own may end with an empty byte
        raise ValueError("bytes behind a chunk")


def series(data):
    labels, chunks = [], []
    for number, value in fields(data):
        if number == 1:
            labels.append("=".join(text.decode() for _, text in sorted(fields(value))))
        elif number == 2:
            chunk = dict(fields(value))
            got = list(samples(chunk[4]))
            if chunk[3] != 1 or (got[0][0], got[-1][0]) != (chunk[1], chunk[2]):
                raise ValueError("a chunk's head is not what it has")
            chunks += got
    return ",".join(labels), chunks


url, begin, end = sys.argv[1], int(sys.argv[2]) * 1000, int(sys.argv[3]) * 1000
query = field(1, begin) + field(2, end)
for matcher in sys.argv[4:]:
    at = min(i for i, c in enumerate(matcher) if c in "=~")
    query += field(3, field(1, 2 if matcher[at] == "~" else 0) + field(2, matcher[:at].encode()) + field(3, matcher[at + 1:].encode()))
# As for a range of that length, evaluated once.
query += field(4, field(3, begin) + field(4, end) + field(7, end - begin))
request = urllib.request.Request(url, literal(field(1, query) + field(2, 1)), {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"})
with urllib.request.urlopen(request, timeout=60) as answer:
    if answer.headers["Content-Type"] != "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse":
        raise ValueError(answer.headers["Content-Type"])
    body = answer.read()
at = 0
while at < len(body):
    size, at = take(body, at)
    crc, frame = struct.unpack(">I", body[at:at + 4])[0], body[at + 4:at + 4 + size]
    at += 4 + size
    if crc != crc32c(frame):
        raise ValueError("a frame's CRC")
    for number, value in fields(frame):
        if number == 1:
            labels, got = series(value)
            for time, number in got:
                print(f"{labels}\t{time}\t{number!r}")
