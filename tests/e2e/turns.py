# SPDX-License-Identifier: GPL-2.0-or-later
"""Two addresses ask: turns.py HOST:PORT PID QUESTION. Thirty of one, then one of the other, all
of them while PID is stopped. Prints how many of the first ones were answered after the other's.
"""
import http.client
import os
import signal
import sys
import threading

MANY = 30
address, pid, question = sys.argv[1], int(sys.argv[2]), sys.argv[3]
done, lock = [], threading.Lock()


def connect(source):
    c = http.client.HTTPConnection(address, timeout=100, source_address=(source, 0))
    c.connect()
    return c


def finish(c, name):
    assert c.getresponse().read()
    with lock:
        done.append(name)


crowd = [(connect("127.0.0.1"), "many") for _ in range(MANY)] + [(connect("127.0.0.2"), "one")]
os.kill(pid, signal.SIGSTOP)
for c, _ in crowd:
    c.request("GET", question)
os.kill(pid, signal.SIGCONT)
threads = [threading.Thread(target=finish, args=one) for one in crowd]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(done) - 1 - done.index("one"))
