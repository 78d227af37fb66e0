#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""reload.py shipper|collector PROGRAM PID FILE LOG HTTP WORK

Go through every option of a program that runs: write another value into its
configuration file, send it SIGHUP, and compare what it says of that with what
its --help says of the option ("*": with the next start only), and where the API
or the system shows the option, look there. FILE is the base that it was started
with. Prints "status|text|note" for each point.
"""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

kind, program, pid, path, log, address, work = sys.argv[1:8]
pins = os.environ.get("pins", "")


def get(what, host=None):
    """Status and text of an answer of the API."""
    c = http.client.HTTPConnection(address, timeout=5)
    c.request("GET", "/api/v1/" + what, headers={"Host": host or address})
    answer = c.getresponse()
    return answer.status, answer.read()


def metrics():
    c = http.client.HTTPConnection(address, timeout=5)
    c.request("GET", "/metrics")
    return c.getresponse().read()


def node(name="base"):
    status, text = get("nodes/" + name)
    return json.loads(text) if status == 200 else {}


def names(table, rows, key="name"):
    return {row[key] for row in (node().get(table) or {}).get(rows, [])}


def is_still():
    """Whether no packets are read any more."""
    before = node()["net"]["mono_ns"]
    time.sleep(0.5)
    return node()["net"]["mono_ns"] == before


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


# For each option another value, and what then holds. Those without the second
# one are looked at by other tests: what is said of them is compared here.
SHIPPER = {
    "pid-file": ("/nowhere/pid",),
    "collector": ("127.0.0.1:1",),
    "transport": ("udp",),
    "key": (work + "/keys.d/two.key",),
    "unsealed": ("yes",),
    "interval": ("300ms", lambda: node()["period_ns"] == 2 * 10**8), # that of processes
    "ship": ("400ms", lambda: node()["period_ns"] == 4 * 10**8),
    "name": ("renamed", lambda: node("renamed").get("state") == "fresh"),
    "state": (work + "/elsewhere",),
    "agentd": ("/nowhere",),
    "datagram": ("600",),
    "queue": ("200000",),
    "spool": (work + "/spool",),
    "spool-size": ("2000000",),
    "spool-sync": ("yes",),
    "flush": ("2s",),
    "patience": ("20s",),
    "flight-memory": ("300000",),
    "flight-before": ("2s",),
    "flight-after": ("2s",),
    "flight-on": ("oom",),
    "flight-softirq": ("30ms",),
    "flight-busy": ("3s",),
    "flight-pressure": ("30",),
    "flight-socket": ("/nowhere",),
    "include": ("v0", lambda: names("net", "interfaces") == {"v0"}),
    "exclude": ("v0", lambda: names("net", "interfaces") == {"v1"}),
    "lo": ("yes", lambda: "lo" in names("net", "interfaces")),
    "interfaces": ("1", lambda: not pins or "more than 1 interfaces" in open(log).read()),
    "record": ("2", lambda: not pins or os.path.exists(pins + "/recordings")),
    "over": ("50",),
    "freeze-over": ("yes",),
    "pins": ("/nowhere",),
    "clsact": ("yes", lambda: not pins or "clsact" in output_of("tc", "qdisc", "show", "dev", "v0")),
    "detach": ("yes",),
    "no-net": ("yes", is_still),
    "no-io-uring": ("yes",),
    "log": ("debug",),
    "debug": ("yes",),
    "proc-root": ("/nowhere",),
    "sys-root": ("/nowhere",),
    "root": ("/nowhere",),
    "ring-period": ("500ms",),
    "ring-timing": ("yes",),
    "ring-no-bpf": ("yes",),
    "net-enabled": ("no", is_still),
    "facts-labels": ("rack=r1", lambda: node()["labels"] == {"rack": "r1"}),
    "memory-no-paging": ("yes",),
    "disk-include": ("none*",),
    "disk-exclude": ("none*",),
    "disk-partitions": ("yes",),
    "mount-exclude": ("/nowhere",),
    "mount-deadline": ("1s",),
    "link-include": ("v1", lambda: names("link", "links") == {"v1"}),
    "link-exclude": ("v1", lambda: "v1" not in names("link", "links") and names("link", "links")),
    "process-count": ("40", lambda: len(names("process", "processes", "pid")) >= 30),
    "process-command-lines": ("yes", lambda: names("process", "processes", "command") - {""}),
    "process-redact": ("*word*",),
    "process-no-bpf": ("yes", lambda: node()["process"]["origin"] == "proc"),
    "interrupts-count": ("3",),
    "cgroup-include": ("/none",),
    "cgroup-exclude": ("/none",),
    "cgroup-count": ("3",),
    "own-folder": ("/nowhere",),
    "own-statsd": ("127.0.0.1:0",),
    "own-socket": (work + "/own.sock",),
    "own-count": ("3",),
    "part-include": ("md",),
    "part-exclude": ("md",),
    "part-ethtool": ("rx_*",),
    "part-count": ("3",),
}
COLLECTOR = {
    "pid-file": ("/nowhere/pid",),
    "listen": ("127.0.0.1:9",),
    "http": ("127.0.0.1:9",),
    "data": ("/nowhere",),
    "history": ("redis://127.0.0.1:9",),
    "members": ("etcd://127.0.0.1:9",),
    "member-id": ("other",),
    "member-address": ("127.0.0.1:9",),
    "keep": ("3d",),
    "keep-1min": ("3d",),
    "keep-5min": ("3d",),
    "history-size": ("1000",),
    "history-memory": ("100",),
    "history-writers": ("3",),
    "keys": (work + "/keys.d/two.key",),
    "unsealed": ("yes",),
    "enroll": ("127.0.0.1:0",),
    "workers": ("2",),
    "feed-connections": ("100",),
    "feed-per-address": ("10",),
    "first-frame": ("7s",),
    "no-io-uring": ("yes",),
    "login": (work + "/login.pem.pub", lambda: get("nodes")[0] == 401),
    "tls-cert": (work + "/tls.pem\ntls-key = " + work + "/tls.key",),
    "tls-key": (work + "/tls.key\ntls-cert = " + work + "/tls.pem",),
    "proxy": ("192.0.2.1",),
    "host": ("other.example", lambda: get("nodes", "other.example")[0] == 200),
    "cors": ("https://portal.example",),
    "insecure-remote": ("yes", lambda: get("nodes", "other.example")[0] == 200),
    "incidents-keep": ("3d",),
    "incidents-size": ("10",),
    "rules": (work + "/rules", lambda: b"silent for {value}" in get("rules")[1]),
    "alertmanager": ("http://127.0.0.1:9", lambda: b'outlet="alertmanager"' in metrics()),
    "webhook": ("http://127.0.0.1:9\nwebhook-key = " + work + "/webhook.key", lambda: b'outlet="webhook"' in metrics()),
    "webhook-key": (work + "/other.key\nwebhook = http://127.0.0.1:99", lambda: b'outlet="webhook"' in metrics()),
    "alarm-ca": (work + "/tls.pem",),
    "metrics-process": ("yes",),
    "metrics-interrupt": ("yes",),
    "metrics-per-node": ("1000",),
    "log": ("debug",),
    "debug": ("yes",),
}


def options():
    """Each option's name, and whether it waits for the next start."""
    found, sources = {}, False
    for line in output_of(program, "--help").splitlines():
        option = re.match(r"  (?:-\w, |    )--([a-z0-9-]+)", line)
        if option and option[1] not in ("help", "version", "config", "check-config", "make-id"):
            found[option[1]] = line.endswith(" *")
        sources = line.startswith("Sources") or (sources and line != "")
        source = re.match(r"      ([a-z]+) ", line)
        if sources and source:
            found[source[1] + "-interval"] = found[source[1] + "-enabled"] = False
    return found


def reloads():
    with open(log) as text:
        return re.findall(r"(configuration read; .*|.*going on as before)", text.read())


def wait(condition, seconds):
    end = time.monotonic() + seconds * int(os.environ.get("PATIENCE", 100)) / 100
    while time.monotonic() < end:
        try:
            if condition():
                return True
        except (KeyError, TypeError, OSError, ValueError, http.client.HTTPException):
            pass # not there yet
        time.sleep(0.02)
    return False


def reload(text):
    """What the program says when it reads this."""
    before = len(reloads())
    with open(path, "w") as file:
        file.write(text)
    os.kill(int(pid), signal.SIGHUP)
    wait(lambda: len(reloads()) > before, 20)
    return (reloads()[before:] or ["nothing"])[-1]


def said(message):
    """The names in its two halves."""
    def half(title):
        found = re.search(title + r": ([^;]*)", message)
        return set(found[1].split(", ")) if found else set()
    return half("changed"), half("with the next start")


def point(good, text, note=""):
    print(f"{0 if good else 1}|{text}|{note}")


def instead(text, names):
    """It without these options: none may stand twice."""
    return "".join(line for line in text.splitlines(True) if line.split(" = ")[0] not in names)


base = open(path).read()
table = SHIPPER if kind == "shipper" else COLLECTOR
running = set() # of those that change at once: that differ from the base now
every = options()
point(len(every) > 15, f"--help of the {kind} tells of its options", len(every))
for name, start in every.items():
    source = re.fullmatch(r"[a-z]+-(interval|enabled)", name)
    default = ("yes" if name in ("interrupts-enabled", "timex-enabled", "latency-enabled") else "no",) if source and source[1] == "enabled" else ("7s",)
    value, *effect = table.get(name, default if source else (None,))
    if value is None:
        point(False, f"{name}: there is a value to try", "put one into tests/e2e/reload.py")
        continue
    given = {name} | set(re.findall(r"\n([a-z-]+) = ", value))
    now = {n for n in given if not every[n]}
    message = reload(f"{instead(base, given)}{name} = {value}\n")
    want = now | running, given - now
    good = said(message) == want
    running = now
    point(good, f"{name}: " + ("with the next start" if start else "changed"), f"{message}; expected {want}")
    if effect:
        point(wait(effect[0], 15), f"{name}: and it does", "nothing came of it")
message = reload(base)
point(said(message)[1] == set(), "what waited for a start and is as before waits no more", message)
message = reload(base)
point(message.endswith("; nothing has changed"), "a file that is the same changes nothing", message)
