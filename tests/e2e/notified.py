# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: notified.py FOLDER LOG COMMAND...

Run a service as systemd does: what it tells goes to FOLDER/notified, a line a
message, its pid to FOLDER/pid, its log to LOG. Ends with it, and its status.
"""
import os
import socket
import subprocess
import sys

folder, log, *command = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(folder + "/notify")
env = dict(os.environ, NOTIFY_SOCKET=folder + "/notify", WATCHDOG_USEC="400000")
p = subprocess.Popen(command, env=env, stderr=open(log, "w"))
with open(folder + "/pid", "w") as f:
    f.write("%d\n" % p.pid)
s.settimeout(0.2)
with open(folder + "/notified", "w", buffering=1) as out:
    while True:
        over = p.poll() is not None
        try:
            out.write(s.recv(4096).decode() + "\n")
        except socket.timeout:
            if over:
                break
sys.exit(p.returncode)
