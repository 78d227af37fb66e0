#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: netlink_spec.py SPEC header | schema FILE | policy CONSOLE

Hold docs/netlink/ktach.yaml against the header (as a C file of assertions, on
stdout), against the kernel's schema of such files, or against what
netlink_policy printed in a guest. Prints what differs; exit status 1 if
anything does.
"""
import sys

import yaml

# enum netlink_attribute_type
TYPES = {"flag": 1, "u32": 4, "u64": 5, "binary": 10, "string": 12}
MAXIMUM = {"u32": 2**32 - 1, "u64": 2**64 - 1}


def c_name(*words):
    return "_".join(words).replace("-", "_").upper()


def numbered(entries, first=1):
    """The number of each entry: its own, or one more than the one before."""
    number = first - 1
    for entry in entries:
        number = entry.get("value", number + 1)
        yield number, entry


def attributes(spec, name):
    for group in spec["attribute-sets"]:
        if group["name"] == name:
            return dict((a["name"], (n, a)) for n, a in numbered(group["attributes"]))
    raise SystemExit("no attribute set " + name)


def header(spec):
    """A C file that compiles if the header has the same numbers."""
    print('#include <assert.h>\n#include <linux/ktach_netlink.h>')

    def same(name, number):
        print('static_assert(%s == %d, "%s");' % (name, number, name))

    for group in spec["attribute-sets"]:
        attrs = attributes(spec, group["name"])
        same(c_name("ktach_a", group["name"], "max"), len(attrs))
        for name, (number, _) in attrs.items():
            if group["name"] != "metric" or name == "pad":
                same(c_name("ktach_a", group["name"], name), number)
            elif name.startswith("softirq-"):
                kind, vector = name[:12], name[13:]
                same("KTACH_A_METRIC(%s + %s)" % (c_name("ktach_metric", kind),
                     c_name("ktach_softirq", vector)), number)
            else:
                same("KTACH_A_METRIC(%s)" % c_name("ktach_metric", name), number)
    for number, op in numbered(spec["operations"]["list"]):
        same(c_name("ktach_cmd", op["name"]), number)
    for definition in spec["definitions"]:
        if definition["type"] == "const":
            same(c_name("ktach", definition["name"]), definition["value"])
    return []


def schema(spec, path):
    import jsonschema
    with open(path, encoding="utf-8") as file:
        rules = yaml.safe_load(file)
    check = jsonschema.Draft7Validator(rules)
    bad = ["%s: %s" % ("/".join(map(str, e.absolute_path)), e.message)
           for e in check.iter_errors(spec)]
    # A schema that takes anything would prove nothing.
    spec["operations"]["list"][0]["nonsense"] = 1
    return bad if list(check.iter_errors(spec)) else bad + ["the schema checks nothing"]


def limit(spec, value):
    for definition in spec["definitions"]:
        if definition["name"] == value:
            return definition["value"]
    return value


def wanted_attr(spec, attr):
    """What the kernel is to say of an attribute, as netlink_policy prints it."""
    kind, checks = attr["type"], attr.get("checks", {})
    want = {"type": TYPES[kind]}
    if kind in MAXIMUM:
        want.update({"min": checks.get("min", 0), "max": checks.get("max", MAXIMUM[kind])})
    for name in ("min-len", "max-len"):
        if name in checks:
            want[name] = limit(spec, checks[name])
    return want


def said(console):
    """The facts of netlink_policy: family, commands, policies by number."""
    family, ops, policies = set(), {}, {}
    with open(console, encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.lstrip("# ").split()
            if words[:2] == ["policy", "op"]:
                ops.setdefault(int(words[2]), {})[words[3]] = \
                    int(words[5]) if len(words) > 5 else ops.get(int(words[2]), {}).get(words[3])
            elif words[:2] == ["policy", "attr"]:
                limits = dict(zip(words[4::2], map(int, words[5::2])))
                policies.setdefault(int(words[2]), {})[int(words[3])] = limits
            elif words[:1] == ["policy"]:
                family.add(" ".join(words[1:]))
    return family, ops, policies


def policy(spec, console):
    family, ops, policies = said(console)
    bad = []

    def same(got, want, what):
        if got != want:
            bad.append("%s: the kernel says %s, the specification %s" % (what, got, want))

    groups = ["group " + g["name"] for g in spec["mcast-groups"]["list"]]
    same(family, set(["version 1"] + groups), "family")
    seen = set()
    for number, op in numbered(spec["operations"]["list"]):
        modes = [m for m in ("do", "dump") if m in op]
        if not modes:
            continue
        seen.add(number)
        got = ops.get(number, {})
        admin = ["admin"] if "admin-perm" in op.get("flags", []) else []
        same(sorted(got), sorted(modes + admin), op["name"])
        attrs = attributes(spec, op["attribute-set"])
        for mode in modes:
            names = op[mode].get("request", {}).get("attributes", [])
            want = dict((attrs[n][0], wanted_attr(spec, attrs[n][1])) for n in names)
            same(policies.get(got.get(mode)), want, "%s %s" % (op["name"], mode))
    same(set(ops), seen, "commands")
    return bad


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    bad = {"header": header, "schema": schema, "policy": policy}[sys.argv[2]](spec, *sys.argv[3:])
    for line in bad:
        print(line)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
