#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: circles.py [--files] ROOM...: print the folders that include each other in a circle; or the
files, of which a .c and its .h are one."""
import os
import re
import sys

INCLUDE = re.compile(r'^#include "([^"]+\.h)"', re.M)


def includes(rooms, place):
    """Place of a file -> places of the headers that its files include."""
    graph = {}
    for room in rooms:
        for folder, _, names in os.walk(room):
            for name in names:
                path = os.path.join(folder, name)
                if path.endswith((".c", ".h")):
                    with open(path, encoding="utf-8") as f:
                        graph.setdefault(place(path), set()).update(map(place, INCLUDE.findall(f.read())))
    return {here: there - {here} for here, there in graph.items()}


def reach(graph, start):
    """All that can be reached from a place."""
    seen, ahead = set(), [start]
    while ahead:
        for place in graph.get(ahead.pop(), ()):
            if place not in seen:
                seen.add(place)
                ahead.append(place)
    return seen


files = sys.argv[1] == "--files"
graph = includes(sys.argv[1 + files:], (lambda path: path[:-2]) if files else os.path.dirname)
for here in sorted(graph):
    if here in reach(graph, here):
        print(here)
