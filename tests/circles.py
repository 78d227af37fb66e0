#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: circles.py ROOM...: print the folders that include each other in a circle."""
import os
import re
import sys

INCLUDE = re.compile(r'^#include "([^"]+\.h)"', re.M)


def includes(rooms):
    """Folder -> folders of the headers that its files include."""
    graph = {}
    for room in rooms:
        for folder, _, names in os.walk(room):
            reached = graph.setdefault(folder, set())
            for name in names:
                if name.endswith((".c", ".h")):
                    with open(os.path.join(folder, name), encoding="utf-8") as f:
                        reached.update(map(os.path.dirname, INCLUDE.findall(f.read())))
            reached.discard(folder)
    return graph


def reach(graph, start):
    """All that can be reached from a folder."""
    seen, ahead = set(), [start]
    while ahead:
        for folder in graph.get(ahead.pop(), ()):
            if folder not in seen:
                seen.add(folder)
                ahead.append(folder)
    return seen


graph = includes(sys.argv[1:])
for folder in sorted(graph):
    if folder in reach(graph, folder):
        print(folder)
