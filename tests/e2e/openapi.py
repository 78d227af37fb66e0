# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold docs/openapi.yaml against a collector that is fed. TAP lines.

openapi.py SPEC BASE-URL API-SOURCE: each path is asked with each parameter's
example, and answers what its schema says; a parameter that is not described, and
values outside of what is described, are refused by name; each route in the source
is described.
"""
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import yaml

import live_socket
from schemas import nullable

spec = yaml.safe_load(open(sys.argv[1]))
base = sys.argv[2]
source = open(sys.argv[3]).read()


def ok(good, text, detail=""):
    print(f"{'ok' if good else 'not ok'} - {text}")
    if not good:
        print(f"# {detail}")


schemas = nullable(spec["components"]["schemas"])


def cut(body):
    """The first items of each list: what holds of them holds of the others, which are many."""
    if isinstance(body, list):
        return [cut(one) for one in body[:20]]
    if isinstance(body, dict):
        return {key: cut(value) for key, value in body.items()}
    return body


def check(name, body):
    body = cut(body)
    whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    jsonschema.Draft4Validator(whole).validate(body)


def get(path, query=None):
    url = base + path + ("?" + urllib.parse.urlencode(query) if query else "")
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def fits(path, query, responses):
    status, headers, body = get(path, query)
    kind = headers.get_content_type()
    text = f"{path} {query or ''}".strip()
    described = responses.get(str(status), {})
    if "$ref" in described:
        described = spec["components"]["responses"][described["$ref"].split("/")[-1]]
    content = described.get("content", {}).get(kind)
    if content is None:
        return ok(False, text, f"{status} {kind} is not described: {body[:200]}")
    try:
        if kind == "application/json":
            check(content["schema"]["$ref"].split("/")[-1], json.loads(body))
        ok(True, f"{text} answers {status} as described")
    except (jsonschema.ValidationError, ValueError) as error:
        ok(False, text, str(error).replace("\n", " ")[:500])
    return status


def refused(path, query, name):
    status, _, body = get(path, query)
    good = status == 400 and name in json.loads(body)["error"]
    ok(good, f"{path} refuses {query} by name", f"{status} {body[:200]}")


for path, methods in spec["paths"].items():
    if "get" not in methods:  # what changes something is tried by others
        continue
    operation = methods["get"]
    parameters = operation.get("parameters", [])
    real = path
    for p in parameters:
        if p["in"] == "path":
            real = real.replace("{" + p["name"] + "}", p["example"])
    queries = [p for p in parameters if p["in"] == "query"]
    needed = {p["name"]: p["example"] for p in queries if p.get("required")}
    fits(real, needed, operation["responses"])
    if path == "/api/v1/live":
        continue
    for p in queries:
        fits(real, {**needed, p["name"]: p["example"]}, operation["responses"])
        limits = p["schema"]
        if "enum" in limits:
            refused(real, {**needed, p["name"]: "x"}, p["name"])
        if "maximum" in limits:
            refused(real, {**needed, p["name"]: limits["maximum"] + 1}, p["name"])
        if "minimum" in limits:
            refused(real, {**needed, p["name"]: limits["minimum"] - 1}, p["name"])
    for name in needed:
        refused(real, {k: v for k, v in needed.items() if k != name}, name)
    refused(real, {**needed, "nonsense": 1}, "nonsense")
routes = set(re.findall(r'\{ "(/[^"]*)", \w*get_', source))
# What is asked of a node itself is no route (collector/api/api_agents.c), nor what is only posted.
described = {re.sub(r"\{.*\}(\.csv)?", "", path): methods for path, methods in spec["paths"].items() if "}/" not in path}
answered = {path for path, methods in described.items() if "get" in methods}
ok(len(routes) > 5 and answered <= routes <= described.keys(), "each route is described, and no other",
   f"{routes - described.keys()} {answered - routes}")


def untyped(schema, path):
    """Members that are required, and of which nothing is said."""
    if isinstance(schema, list):
        return [u for i, one in enumerate(schema) for u in untyped(one, f"{path}[{i}]")]
    if not isinstance(schema, dict):
        return []
    found = [f"{path}.{name}" for name in schema.get("required", []) if isinstance(schema["required"], list)
             and name not in schema.get("properties", {}) and "additionalProperties" not in schema]
    return found + [u for key, one in schema.items() for u in untyped(one, f"{path}.{key}")]


members = [u for name, schema in spec["components"]["schemas"].items() for u in untyped(schema, name)]
ok(not members, "each member that is required has a type", members)
operations = [o for methods in spec["paths"].values() for o in methods.values()]
ids = [o.get("operationId") for o in operations]
ok(None not in ids and len(set(ids)) == len(ids), "each operation has a name of its own", ids)
tags = {t["name"] for t in spec["tags"]}
ok({t for o in operations for t in o.get("tags", [""])} == tags, "each has a tag, and each tag is used", tags)
ok(all({"401", "403", "429", "503"} <= o["responses"].keys() for o in operations),
   "each says what a wrong token and too many questions are answered with")

# What comes by the WebSocket: all, then changes.
address = urllib.parse.urlsplit(base)
names = {"nodes": "LiveNodes", "node": "LiveNode"}
wanted = {"subscribe": {"nodes": "node-0000*", "metrics": ["cpu.", "load"], "detail": "node-00001"}}
check("LiveSubscription", wanted)
came, problems = [], []
for message in live_socket.subscribe(address.hostname, address.port, wanted):
    came.append(message["type"])
    try:
        check(names[message["type"]], message)
    except jsonschema.ValidationError as error:
        problems.append(str(error)[:300])
    if len(came) >= 4 and set(came) == set(names):
        break
ok(set(came) == set(names) and not problems, f"messages of the WebSocket are as described: {came}", problems)
