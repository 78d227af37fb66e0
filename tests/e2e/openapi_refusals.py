# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what docs/openapi.yaml says of refusals against collectors. TAP lines.

openapi_refusals.py SPEC URL PID: each path is asked with a wrong Host header, verb, body
and parameter, for what is known already, and while all questions of its kind that may
wait are waiting (PID is stopped meanwhile). Nobody is asked for a token there.
openapi_refusals.py SPEC URL TOKEN...: each path is asked without a token, with those,
which are good for no path but some, and with wrong ones until that is too often.
"""
import http.client
import json
import os
import signal
import sys
import time
import urllib.parse

import yaml

spec = yaml.safe_load(open(sys.argv[1]))
address = urllib.parse.urlsplit(sys.argv[2]).netloc
paths = [path for path, methods in spec["paths"].items() if "get" in methods]
QUESTIONS = 100  # at once; 64 may wait


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"# {detail}")


def described(path, status):
    answer = spec["paths"][path]["get"]["responses"].get(str(status), {})
    if "$ref" in answer:
        answer = spec["components"]["responses"][answer["$ref"].split("/")[-1]]
    return answer


def fits(path, status, headers, body):
    """Whether an answer is one that the path has, and says why in the way that is described."""
    answer = described(path, status)
    content = answer.get("content", {})
    if not answer or any(h.lower() not in headers for h in answer.get("headers", {})):
        return False
    if not content:
        return not body
    kind = headers.get("content-type", "").split(";")[0]
    return kind in content and (kind != "application/json" or bool(json.loads(body)["error"]))


def real(path):
    query = {}
    for p in spec["paths"][path]["get"].get("parameters", []):
        if p["in"] == "path":
            path = path.replace("{" + p["name"] + "}", p["example"])
        elif p.get("required"):
            query[p["name"]] = p["example"]
    return path, query


def ask(path, verb="GET", body=None, more=None, **headers):
    place, query = real(path)
    query.update(more or {})
    c = http.client.HTTPConnection(address, timeout=20)
    c.request(verb, place + ("?" + urllib.parse.urlencode(query) if query else ""), body, headers)
    answer = c.getresponse()
    got = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    c.close()
    return got


def refused(path, want, text, got):
    ok(got[0] == want and fits(path, *got), f"{path} {text}: {want} as described", got)


def known_already(path):
    got = ask(path)
    if got[0] == 200:
        refused(path, 304, "that is known", ask(path, **{"If-None-Match": "*"}))


def too_many(path):
    """False: it is answered at once, however many ask."""
    place, query = real(path)
    place += "?" + urllib.parse.urlencode(query) if query else ""
    crowd = [http.client.HTTPConnection(address, timeout=20) for _ in range(QUESTIONS)]
    for c in crowd:
        c.connect()
    time.sleep(0.2)  # they are taken
    os.kill(int(sys.argv[3]), signal.SIGSTOP)
    for c in crowd:
        c.request("GET", place)
    os.kill(int(sys.argv[3]), signal.SIGCONT)
    answers = []
    for c in crowd:
        a = c.getresponse()
        answers.append((a.status, {k.lower(): v for k, v in a.getheaders()}, a.read()))
        c.close()
    busy = [a for a in answers if a[0] == 503]
    if not busy:
        return False
    good = all(fits(path, *a) and "retry-after" in a[1] for a in busy)
    ok(good and len(busy) < QUESTIONS, f"{path} that too many ask: 503 as described, {len(busy)} of {QUESTIONS}", busy[:1])
    return True


def without_tokens():
    long = 0
    for path in paths:
        refused(path, 403, "of another name", ask(path, Host="evil.example"))
        refused(path, 405, "with DELETE", ask(path, "DELETE"))
        refused(path, 413, "with a body", ask(path, body=b"12345"))
        refused(path, 400, "with nonsense", ask(path, more={"nonsense": "1"}))
        ok(bool(described(path, 503)), f"{path}: 503 is described")
        known_already(path)
        long += too_many(path)
    ok(long >= 3, "some take long", long)


def with_tokens(tokens):
    for path in paths:
        refused(path, 401, "without a token", ask(path))
        got = [ask(path, Authorization=f"Bearer {t}") for t in tokens]
        forbidden = [a for a in got if a[0] == 403]
        if path != "/api/v1/session":  # whoever has a token may ask
            refused(path, 403, "with a token that is good for something else", (forbidden or got)[0])
    for _ in range(12):
        got = ask("/api/v1/version", Authorization="Bearer wrong")
    for path in paths:
        for _ in range(3):  # one more is let through each few seconds
            got = ask(path, Authorization="Bearer wrong")
            if got[0] == 429:
                break
        refused(path, 429, "with too many wrong tokens", got)


if sys.argv[3].isdigit():
    without_tokens()
else:
    with_tokens(sys.argv[3:])
