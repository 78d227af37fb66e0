# SPDX-License-Identifier: GPL-2.0-or-later
"""Between a shipper and a collector, over UDP: forwards every datagram, and
does as the lines on stdin say, to the next datagram (or with one it kept):

  flip N        sends a copy with byte N changed (from the end, if negative)
  cut N         sends a copy without its last N bytes
  twice         sends a copy
  keep          keeps it
  replay        sends the kept one again
  hold          holds it back; the next ones go on
  release       sends the held one

Prints its port, then "done" for each line. Usage: tamper.py COLLECTOR_PORT
"""
import select
import socket
import sys

# Until the collector ends, and a little longer.
def send(data):
    try:
        outside.send(data)
    except ConnectionRefusedError:
        pass


inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inside.bind(("127.0.0.1", 0))
outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
outside.connect(("127.0.0.1", int(sys.argv[1])))
print(inside.getsockname()[1], flush=True)
kept = held = b""


def obey(words):
    """Whether the datagram that came meanwhile is to be held back."""
    global kept, held
    if words[0] == "replay":
        send(kept)
        return
    if words[0] == "release":
        send(held)
        return
    data = inside.recv(65536)
    if words[0] == "hold":
        held = data
        return
    send(data)
    if words[0] == "flip":
        copy = bytearray(data)
        copy[int(words[1])] ^= 0x10
        send(copy)
    elif words[0] == "cut":
        send(data[: -int(words[1])])
    elif words[0] == "twice":
        send(data)
    elif words[0] == "keep":
        kept = data


while True:
    ready, _, _ = select.select([inside, sys.stdin], [], [])
    if sys.stdin in ready:
        line = sys.stdin.readline()
        if not line:
            break
        obey(line.split())
        print("done", flush=True)
    elif inside in ready:
        send(inside.recv(65536))
