# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine's files in the folder that is the first argument."""
import os
import sys

tree = sys.argv[1] + "/"


def write(name, text):
    """In place: who reads it keeps it open, as in /proc."""
    os.makedirs(os.path.dirname(tree + name), exist_ok=True)
    with open(tree + name, "r+" if os.path.exists(tree + name) else "w", encoding="ascii") as f:
        f.write(text)
        f.truncate()
