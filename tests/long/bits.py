#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: bits.py BUILD WORK PLACE ROUNDS
Flip a bit, a seeded one of each round, in what collector or shipper have on disk,
and hold what is there afterwards against what was acknowledged.

  database  a page of history.db, while nobody runs
  log       its write-ahead log, as a collector that was killed leaves it
  running   a page of history.db, under a collector that runs, and is fed on
  spool     frames that wait in a shipper's spool
  lock      the file beside the database that says who writes and what is under way
  session   the shipper's number of its session
  node-id   the shipper's id

Prints a line a round, and at the end a sum: "sum PLACE whole N told N apart N
silent N doubled N wrong N dead N".
  whole    all is there
  told     something is missing, and counted or complained of
  apart    it is there as another node's, or under another session
  silent   something is missing, and nobody says so
  doubled  a sample is there twice
  wrong    it is there with another value; or more is counted as lost than was sent
  dead     a program was ended by a signal, does not end, or cannot be started, not
           even after a repair
"""
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

build, work, place, rounds = *sys.argv[1:4], int(sys.argv[4])
SAMPLES, SHIP = 1500, 5
CHURN = (3600, 20, 10)  # samples, processes, new ones
VALUES = {"user_ns": 2, "nice_ns": 3, "system_ns": 4, "idle_ns": 5, "iowait_ns": 6}


class Collector:
    def __init__(self, data):
        self.data, self.log = data, "%s.log%d" % (data, time.monotonic_ns())
        out = open(self.log, "ab")
        self.process = subprocess.Popen(
            [build + "/ktach-collector", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
             "--data", data, "--unsealed", "--history-memory", "1"],
            stdout=out, stderr=out)

    def said(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def listens(self):
        for _ in range(200):
            found = re.findall(r"http://127\.0\.0\.1:(\d+)/, for frames on udp 127\.0\.0\.1:(\d+)", self.said())
            if found:
                self.http, self.feed = found[-1]
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def health(self):
        url = "http://127.0.0.1:%s/api/v1/health" % self.http
        try:
            return json.load(urllib.request.urlopen(url, timeout=5))
        except urllib.error.HTTPError as e:
            return json.load(e)
        except urllib.error.URLError:  # it gave up
            return {"status": "failing"}

    def end(self, by="terminate"):
        getattr(self.process, by)()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "hangs"


def feed(port, state, first, count, *more, wait=60):
    """The last line that the feeder says; None if it could not get rid of all."""
    feeder = subprocess.Popen(
        [build + "/tests/e2e/feeder", "tcp", "127.0.0.1:" + port, state, str(first), str(count), "200",
         str(SHIP), *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out = feeder.communicate(timeout=wait)[0].decode(errors="replace").strip().splitlines()
        return out[-1] if out else ""
    except subprocess.TimeoutExpired:
        feeder.kill()
        feeder.communicate()
        return None


def in_use(path):
    """How much of a write-ahead log is of its present round: what lies behind is old."""
    with open(path, "rb") as f:
        data = f.read()
    page = int.from_bytes(data[8:12], "big")
    at = 32
    while data[at + 8:at + 16] == data[16:24] and at + 24 + page <= len(data):
        at += 24 + page
    return at


def flip(path, chance):
    """Which byte, of how many."""
    size = in_use(path) if path.endswith("-wal") else os.path.getsize(path)
    at = chance.randrange(size)
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 1 << chance.randrange(8)]))
    return at, size


def export(data, table="cpu"):
    out = subprocess.run([build + "/ktach-collector", "export", "--data", data, "--table", table],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return list(csv.DictReader(out.stdout.decode(errors="replace").splitlines())), out.returncode


def wrong(row):
    """Sample n of CPU c has values that follow from both (feeder.c)."""
    n, c = int(row["mono_ns"]), int(row["cpu"])
    return any(row[name] != str(n * 1000 + (c - 1) * 100 + i) for name, i in VALUES.items())


def ledger(data, nodes, acknowledged):
    """What became of the acknowledged samples of the nodes whose ids these are."""
    rows, _ = export(data)
    result = {"wrong": 0, "doubled": 0, "missing": 0, "apart": 0}
    seen = set()
    for row in rows:
        try:
            bad = wrong(row)
        except (ValueError, KeyError):
            bad = True
        result["wrong"] += bad
        if row["node"] not in nodes:
            result["apart"] += 1
            continue
        key = row["mono_ns"], row["cpu"]
        result["doubled"] += key in seen
        seen.add(key)
    result["missing"] = acknowledged * 2 - len(seen)
    return result


def check(data, *more):
    return subprocess.run([build + "/ktach-collector", "check", "--data", data, *more],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).returncode


def losses(c, node):
    url = "http://127.0.0.1:%s/api/v1/nodes/%s" % (c.http, node)
    loss = json.load(urllib.request.urlopen(url, timeout=5))["loss"]
    return sum(v for k, v in loss.items() if isinstance(v, int) and k not in ("received", "duplicate"))


def id_of(state):
    with open(state + "/node-id") as f:
        return f.read().strip()


def template(data, by):
    """A history with chunks, parts and a log of frames."""
    c = Collector(data)
    assert c.listens(), c.said()
    subprocess.run([build + "/tests/e2e/attacker", "churn", c.feed, *map(str, CHURN)], check=True,
                   stdout=subprocess.DEVNULL)
    assert feed(c.feed, data + ".a", 1, SAMPLES).startswith("shed 0 0 failed 0 left 0")
    for _ in range(100):
        if c.health()["store"]["open_bytes"] < 1000000:
            break
        time.sleep(0.1)
    c.end(by)
    return id_of(data + ".a")


def start(data):
    """A collector that listens, after a repair if it needs one; None if none does."""
    c = Collector(data)
    if c.listens():
        return c, False
    if c.end("kill") == "hangs" or c.process.returncode in (-11, -6, -8, -7):
        return None, False
    check(data, "--repair")
    c = Collector(data)
    if c.listens():
        return c, True
    c.end("kill")
    return None, True


def judge(data, node, acknowledged, told):
    """After the flip: start, feed another node, end, count."""
    c, repaired = start(data)
    if not c:
        return "dead"
    told = told or repaired
    other = feed(c.feed, data + ".b%d" % time.monotonic_ns(), 1, 50)
    for _ in range(30):
        health = c.health()
        if health["status"] != "ok" or health["store"]["open_bytes"] < 1000000:
            break
        time.sleep(0.1)
    told = told or health["status"] in ("damaged", "failing") or "damaged" in c.said() or "malformed" in c.said()
    status = c.end()
    if status not in (0, 1):
        return "dead"
    told = told or status == 1 or other is None
    r = ledger(data, {node}, acknowledged)
    r["missing"] += abs(CHURN[0] * CHURN[1] - len(export(data, "process")[0]))
    if r["wrong"]:
        return "wrong"
    if r["doubled"]:
        return "doubled"
    if r["missing"] <= 0:
        return "whole"
    told = told or check(data) != 0
    if not told and r["apart"] > 100:
        return "apart"
    return "told" if told else "silent"


def at_rest(name):
    base = work + "/base"
    node = template(base, "kill" if name == "history.db-wal" else "terminate")
    for n in range(rounds):
        data = "%s/%s-%d" % (work, place, n)
        shutil.copytree(base, data)
        at, size = flip(data + "/" + name, random.Random(n))
        yield n, at, size, judge(data, node, SAMPLES, check(data) != 0)
        shutil.rmtree(data)


def running():
    base = work + "/base"
    node = template(base, "terminate")
    for n in range(rounds):
        data = "%s/%s-%d" % (work, place, n)
        shutil.copytree(base, data)
        shutil.copytree(base + ".a", data + ".a")
        c = Collector(data)
        assert c.listens(), c.said()
        at, size = flip(data + "/history.db", random.Random(1000 + n))
        said = feed(c.feed, data + ".a", SAMPLES + 1, 200, wait=5)
        acknowledged = SAMPLES + (200 if said and said.endswith("left 0") else 0)
        told = c.health()["status"] != "ok"
        status = c.end()
        result = "dead" if status not in (0, 1) else judge(data, node, acknowledged, told or status == 1 or check(data) != 0)
        yield n, at, size, result
        shutil.rmtree(data)


def spool():
    """Frames wait, a bit flips, then a collector comes: what is missing is counted."""
    for n in range(rounds):
        data = "%s/spool-%d" % (work, n)
        subprocess.run(["timeout", "-s", "KILL", "1.5", build + "/tests/e2e/feeder", "tcp", "127.0.0.1:1",
                        data + ".a", "1", "3000", "200", str(SHIP), "spool", data + ".spool"],
                       stdout=open(data + ".out", "w"), stderr=subprocess.STDOUT)
        with open(data + ".out") as f:
            sent = [int(line.split()[1]) for line in f if line.startswith("done")][-1]
        files = [data + ".spool/" + f for f in os.listdir(data + ".spool") if f.endswith(".spool")]
        at, size = flip(random.Random(n).choice(sorted(files)), random.Random(n))
        c = Collector(data)
        assert c.listens(), c.said()
        said = feed(c.feed, data + ".a", sent + 1, 50, "spool", data + ".spool") or ""
        time.sleep(0.2)
        lost = losses(c, id_of(data + ".a"))
        c.end()
        r = ledger(data, {id_of(data + ".a")}, sent + 50)
        if not said.endswith("left 0"):
            result = "dead"
        elif r["wrong"] or r["doubled"]:
            result = "wrong" if r["wrong"] else "doubled"
        elif not r["missing"]:
            result = "whole"
        else:
            result = "told" if lost or not said.startswith("shed 0 0") else "silent"
        yield n, at, size, result
        shutil.rmtree(data)


def state(name):
    """The feeder goes on after a bit of its state has flipped."""
    for n in range(rounds):
        data = "%s/%s-%d" % (work, place, n)
        c = Collector(data)
        assert c.listens(), c.said()
        feed(c.feed, data + ".a", 1, 100)
        before = id_of(data + ".a")
        at, size = flip(data + ".a/" + name, random.Random(n))
        said = feed(c.feed, data + ".a", 101, 100, wait=20)
        try:
            after = id_of(data + ".a")
        except (OSError, UnicodeDecodeError):
            after = before
        lost = losses(c, before)
        c.end()
        r = ledger(data, {before, after}, 200)
        rows, _ = export(data)
        nodes = {row["node"] for row in rows}
        if r["wrong"] or r["doubled"] or lost > 200:
            result = "doubled" if r["doubled"] else "wrong"
        elif r["missing"] > 0:
            result = "told" if said is None or not said.startswith("shed 0 0 failed 0 left 0") else \
                "apart" if r["apart"] else "silent"
        else:
            result = "apart" if len(nodes) > 1 else "whole"
        yield n, at, size, result
        shutil.rmtree(data)


PLACES = {"database": lambda: at_rest("history.db"), "log": lambda: at_rest("history.db-wal"),
          "lock": lambda: at_rest("lock"), "running": running, "spool": spool,
          "session": lambda: state("session"), "node-id": lambda: state("node-id")}
RESULTS = ["whole", "told", "apart", "silent", "doubled", "wrong", "dead"]
count = dict.fromkeys(RESULTS, 0)
for n, at, size, result in PLACES[place]():
    print("round %d: byte %d of %d: %s" % (n, at, size, result), flush=True)
    count[result] += 1
print("sum", place, " ".join("%s %d" % (r, count[r]) for r in RESULTS))
