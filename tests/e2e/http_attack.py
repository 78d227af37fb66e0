# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests that a server may take for more, or less, than they are. TAP lines.

http_attack.py HOST PORT [REQUESTS]: each pipeline is written in one piece, in two
and in small ones; it may get as many answers as it has requests and no more,
whole ones, and then the connection ends or waits. Nothing that a body holds may
be answered. In between the server has to answer others.
"""
import http.client
import re
import socket
import sys
import time

host, port = sys.argv[1], int(sys.argv[2])
HOST = b"Host: localhost\r\n"
EVIL = b"GET /evil HTTP/1.1\r\n" + HOST + b"\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(EVIL)
LOGIN = b"POST /login HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\ntoken=abc"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
HEAD_BODY = b"HEAD / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\naaaaa"
QUIET_S = 0.3


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}", flush=True)
    if not good:
        print(f"# {detail}", flush=True)


def health():
    try:
        c = http.client.HTTPConnection(host, port, timeout=5)
        c.request("GET", "/api/v1/health")
        return c.getresponse().status == 200
    except OSError:
        return False


def talk(data, piece):
    """Status lines of what comes back, and how it ends."""
    s = socket.create_connection((host, port), 5)
    s.settimeout(QUIET_S)
    got, end, until = b"", "open", time.monotonic() + 5
    try:
        for i in range(0, len(data), piece):
            s.sendall(data[i:i + piece])
        while time.monotonic() < until and len(got) < 1 << 24:
            more = s.recv(1 << 16)
            if not more:
                end = "closed"
                break
            got += more
        else:
            end = "endless"
    except TimeoutError:
        pass
    except OSError:
        end = "reset"
    s.close()
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d\d\d) ", got)], end


def hidden_requests():
    """A second request in what has to be, or to break, a body."""
    for start in (b"POST /login", b"GET /", b"HEAD /"):
        line = start + b" HTTP/1.1\r\n" + HOST
        for name, data in {
            "two lengths, 0 first": b"Content-Length: 0\r\n" + LENGTH + b"\r\n",
            "two lengths, 0 last": LENGTH + b"Content-Length: 0\r\n\r\n",
            "chunked and a length": b"Transfer-Encoding: chunked\r\n" + LENGTH + b"\r\n0\r\n\r\n",
            "an unknown coding": b"Transfer-Encoding: x, chunked\r\n" + LENGTH + b"\r\n0\r\n\r\n",
            "a length with a sign": b"Content-Length: +%d\r\n\r\n" % len(EVIL),
            "a name with a space": b"Content-Length : %d\r\n\r\n" % len(EVIL),
            "a length on a line of its own": b"Content-Length:\r\n %d\r\n\r\n" % len(EVIL),
            "a coding on a line of its own": b"Transfer-Encoding:\r\n\tchunked\r\n\r\n",
        }.items():
            yield start.decode() + ", " + name, line + data + EVIL, 1


def pipelines():
    """More bytes than a server may have read when it answers."""
    yield "HEAD with a body, twice", HEAD_BODY * 2, 2
    yield "GET and a login", GET + LOGIN, 2
    yield "a login and a GET", LOGIN + GET, 2
    yield "GET with a body of one byte", GET[:-2] + b"Content-Length: 1\r\n\r\nx", 1
    yield "a chunked GET", GET[:-2] + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 1
    yield "40 GETs", GET * 40, 40
    yield "a long login", b"POST /login HTTP/1.1\r\n" + HOST + b"Content-Length: 99999\r\n\r\n" + b"x" * 99999, 1
    for name in (b"h2c", b"H2C", b"h2c, websocket", b"raw", b"x"):
        data = GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + name + \
            b"\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
        frames = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9) + b"\x00\x00\x05\x01\x05\x00\x00\x00\x01" + b"\xff" * 600
        yield "an upgrade to " + name.decode(), data + frames, 2


def controls():
    """What one reader may end at a NUL, or take for a line's end, and another not."""
    for name, line, header in (
            ("NUL in a Host", b"/", b"X: a\r\nHost: localhost\0.example"),
            ("NUL in a value", b"/", b"X: a\0b"),
            ("NULs that look like a line's end", b"/", b"X: a\0\0Cookie: ktach=x\r\nY: b"),
            ("NUL behind a value", b"/", b"X: a\0"),
            ("NUL in a name", b"/", b"X\0Y: a"),
            ("NUL before a length", b"/", b"X: \0\r\nContent-Length: 0"),
            ("a line of NUL", b"/", b"\0"),
            ("a folded line", b"/", b"X: a\r\n b"),
            ("a folded first line", b"/", b" X: a"),
            ("a line that ends without CR", b"/", b"X: a\nY: b"),
            ("a line that ends without LF", b"/", b"X: a\rY: b"),
            ("an expectation without a body", b"/", b"Expect: 100-continue"),
            ("NUL in the path", b"/api/v1/version\0x", b"X: a"),
            ("NUL in the query", b"/api/v1/topk?metric=cpu.busy\0x", b"X: a"),
            ("%00 in the path", b"/api/v1/version%00x", b"X: a"),
            ("%1B in the path", b"/api/v1/nodes/a%1B[31m", b"X: a"),
            ("ESC in the path", b"/\x1b", b"X: a"),
            ("DEL in a value", b"/", b"X: \x7f")):
        host_line = b"" if b"Host:" in header else HOST
        yield name, b"GET " + line + b" HTTP/1.1\r\n" + host_line + header + b"\r\n\r\n"


def many():
    """More of something than a connection has memory for, in heads that it has memory for."""
    for name, line, header, status in (
            ("1,000 cookies", b"/", b"Cookie: " + b"a=b; " * 1000, 431),
            ("1,000 lines of cookies", b"/", b"Cookie: a=b\r\n" * 999 + b"Cookie: a=b", 431),
            ("a long cookie", b"/", b"Cookie: " + b"a" * 12000, 431),
            ("1,000 headers", b"/", b"X: a\r\n" * 999 + b"X: a", 431),
            ("a long name", b"/", b"X" * 20000 + b": a", 431),
            ("a long address", b"/" + b"a" * 20000, b"X: a", 414),
            ("3,000 parameters", b"/?" + b"a&" * 3000, b"X: a", 200),
            ("a length that is too long", b"/", b"Content-Length: " + b"9" * 30, 413)):
        yield name, b"GET " + line + b" HTTP/1.1\r\n" + HOST + header + b"\r\n\r\n", status


def long_head():
    """As long as it may be, with all that is legal."""
    fields = b"".join(b"X-%d:%s%s\r\n" % (i, b" " * (i % 3), b"\tv\xc3\xa4 lue" * (i % 20)) for i in range(80))
    return b"GET /api/v1/version HTTP/1.1\r\n" + HOST + fields + b"Empty:\r\nCookie: a=b; c=d\r\n\r\n"


def main():
    for name, data, most in list(pipelines()) + list(hidden_requests()):
        seen = [talk(data, piece) for piece in (len(data), 100, 7)]
        good = all(end != "endless" and len(statuses) <= most and 101 not in statuses for statuses, end in seen)
        ok(good, f"{name}: at most {most} answers", seen)
        if not health():
            ok(False, f"{name}: others are answered")
            break
    for name, data in controls():
        seen = [talk(data + GET, piece) for piece in (len(data), 100, 7)]
        # Who goes on writing may not see the answer.
        good = seen[0][0] == [400] and all(statuses in ([400], []) for statuses, end in seen)
        ok(good, name + " is refused", seen)
    for name, data, status in many():
        seen = [talk(data, piece)[0] for piece in (len(data), 1000, 100)]
        # Who goes on writing may not see the answer.
        good = status in sum(seen, []) and all(statuses in ([status], []) for statuses in seen)
        ok(good, f"{name}: one answer, {status}", seen)
    for piece in (20000, 1000, 30):
        seen = talk(long_head() * 2, piece)
        ok(seen[0] == [200, 200], f"long heads in pieces of {piece} are taken", seen)
    ok(health(), "others are answered all the while")


main()
