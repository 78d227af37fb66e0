#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""webhook.py WORK: a webhook that alarms are posted to, on a free port of loopback.

WORK/key has the secret, WORK/mode what it does with a message: good; fail (503); hang (no
answer until the mode is another); lost (it is taken, and the answer is not); small (413
for more than one event); endless (it is taken, and the answer has no end). WORK/port gets its port; WORK/events each event that it took, a
line of JSON; WORK/messages a line for each message: mode, events, whether it is signed.
WORK/groups gets what an Alertmanager posts to /alertmanager.
"""
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

work = sys.argv[1]


def read(name):
    with open(f"{work}/{name}", encoding="utf-8") as f:
        return f.read().strip()


def is_signed(headers, body):
    stamp = headers.get("Ktach-Timestamp", "")
    digest = hmac.new(read("key").encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={digest}", headers.get("Ktach-Signature", "")) and abs(time.time() - int(stamp)) < 60


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def take(self, events):
        with open(f"{work}/events", "a", encoding="utf-8") as f:
            for event in events:
                f.write(json.dumps(event) + "\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/alertmanager":
            with open(f"{work}/groups", "a", encoding="utf-8") as f:
                f.write(body.decode() + "\n")
            self.answer(200)
            return
        mode, events = read("mode"), json.loads(body)["alarms"]
        with open(f"{work}/messages", "a", encoding="utf-8") as f:
            f.write(f"{mode} {len(events)} {'signed' if is_signed(self.headers, body) else 'unsigned'}\n")
        if mode == "good":
            self.take(events)
            self.answer(200)
        elif mode == "fail":
            self.answer(503)
        elif mode == "small":
            if len(events) == 1:
                self.take(events)
            self.answer(200 if len(events) == 1 else 413)
        elif mode == "endless":
            self.take(events)
            self.send_response(200)
            self.end_headers()
            while read("mode") == mode:
                self.wfile.write(bytes(1 << 16))
        elif mode == "lost":
            self.take(events)
            self.close_connection = True
        else:
            while read("mode") == mode:
                time.sleep(0.1)
            self.close_connection = True


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(f"{work}/port.new", "w", encoding="utf-8") as out:
    out.write(str(server.server_address[1]))
os.rename(f"{work}/port.new", f"{work}/port")
server.serve_forever()
