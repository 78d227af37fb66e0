# SPDX-License-Identifier: GPL-2.0-or-later
"""Post snapshots of a node to a collector, as docs/openapi.yaml describes them. TAP lines.

posted.py SPEC URL
"""
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import yaml

from schemas import nullable

spec = yaml.safe_load(open(sys.argv[1]))
base = sys.argv[2]


schemas = nullable(spec["components"]["schemas"])


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"# {str(detail)[:500]}")


def fits(name, body):
    whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    return [e.message for e in jsonschema.Draft4Validator(whole).iter_errors(body)]


def ask(path, body=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(base + path, data), timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())


def value(schema, step):
    """One that a schema allows, and that grows, if it is a number."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].split("/")[-1]]
    if schema["type"] == "array":
        return [value(schema["items"], step)]
    if schema["type"] == "object":
        return {name: value(s, step) for name, s in schema["properties"].items()}
    if schema["type"] == "boolean":
        return True
    if schema["type"] == "string":
        return "S"
    return min(schema.get("maximum", 1000), 1000) * step


def snapshot(step, at):
    """Each member that is described; row numbers and what is no count do not grow."""
    body = value(schemas["Posted"], step)
    body.update(node_name="nas1", timestamp=at, interval_s=60)
    for name, key in (("cpu", "cpu"), ("top_processes", "pid")):
        body[name][0][key] = 1
    body["temperature"] = [{"label": "CPU", "celsius": 47.5, "max_celsius": 90}]
    return body


now = time.time()
for step in (1, 2, 3):
    body = snapshot(step, now - 9 + 3 * step)
    status, answer = ask("/metrics/node", body)
    ok(status == 200 and not fits("PostedTaken", answer) and answer["name"] == "nas1",
       f"snapshot {step} with every member is taken", answer)
    ok(not fits("Posted", body), "and is as described", fits("Posted", body))
ok(ask("/metrics/node", body)[0] == 409, "the same again is not")
ok(ask("/metrics/node", snapshot(9, now - 60))[0] == 409, "nor an older one")

status, node = ask("/api/v1/nodes/nas1")
ok(status == 200 and not fits("Node", node), "the node is as any other", fits("Node", node))
ok((node["origin"], node["state"], node["id"]) == ("posted", "fresh", answer["id"]), "it is marked by its origin", node)
ok(node["memory"]["total_bytes"] == 3000 and node["load"]["load_1min"] == 3000, "gauges are as sent", node["load"])
ok(node["disk"]["disks"][0]["name"] == "S" and node["disk"]["disks"][0]["reads"] == 3000, "rows are", node["disk"])
ok(abs(node["disk"]["disks"][0]["reads_per_s"] - 1000 / 3) < 1, "rates follow from the senders' times", node["disk"])
ok(abs(node["cpu"]["cpus"][0]["busy"] - 7 / 9) < 0.2, "so do shares", node["cpu"])
ok([s["value"] for s in node["sensor"]["sensors"]] == [47.5], "temperatures", node["sensor"])
_, nodes = ask("/api/v1/nodes")
ok([n["name"] for n in nodes["nodes"]] == ["nas1"], "the list has it", nodes["nodes"])
_, whole = ask("/api/v1/snapshot?fields=disk&metric=load_1min")
ok(whole["nodes"][0]["metrics"] == {"load_1min": 3000}, "the snapshot has it", whole)
with urllib.request.urlopen(base + "/metrics?node=nas1", timeout=30) as a:
    text = a.read().decode()
ok('node_load1{instance="nas1"' in text and 'node_disk_reads_completed_total{' in text, "/metrics has it", text[:400])
for _ in range(300):
    _, past = ask("/api/v1/query?metric=load_1min&node=nas1&from=-1m&aggregate=last")
    values = [v for s in past.get("series", []) for v in s["values"] if v is not None]
    if values == [1000, 2000, 3000]:
        break
    time.sleep(0.2)
ok(values == [1000, 2000, 3000], "the history has it", past)

_, answer = ask("/metrics/node", {**snapshot(4, now + 3), "disks": []})
_, node = ask("/api/v1/nodes/nas1")
ok(node["disk"]["disks"] == [], "an empty list ends its rows", node["disk"])

# What is refused changes nothing.
before = ask("/api/v1/nodes/nas1")[1]["received"]
for bad, name in ((b"{}", "node_name"), (b"", "node_name"), (b'{"node_name": "nas1", "cpu": [{"cpu": -1}]}', "cpu[0].cpu"),
                  (b'{"node_name": "nas1", "mounts": [{"point": "/", "used_bytes": "1"}]}', "mounts[0].used_bytes"),
                  (b'{"node_name": "nas1", "x": NaN}', "NaN"), (b'{"node_name": "nas1", "y": 1}', "y"),
                  (b'{"node_name": "nas1", "node_name": "b"}', "node_name"), (b"[" * 60000, "depth"),
                  (b"\xff\xfe", "JSON")):
    status, answer = ask("/metrics/node", bad)
    ok(status == 400 and name in answer["error"], f"{bad[:60]} is refused, and why", answer)
ok(ask("/metrics/node?a=1", b'{"node_name": "nas1"}')[0] == 400, "parameters are, too")
ok(ask("/metrics/node", b" " * 70000)[0] == 413, "and a body of 70 kB")
ok(ask("/api/v1/nodes/nas1")[1]["received"] == before, "nothing of it is taken")
ok(ask("/metrics/node")[0] == 404, "there is nothing to GET")
