#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""documents.py BUILD FILE...: hold each command that documents name against what there is: programs, their commands
and options by their own --help, targets of make, files of the tree, units. Prints what is wrong, a line each, and at the
end how many commands were looked at."""
import functools
import glob
import os
import re
import shlex
import subprocess
import sys

build, files = sys.argv[1], sys.argv[2:]
PROGRAMS = {"ktach": "bin/ktach", "ktach-shipper": "ktach-shipper", "ktach-collector": "ktach-collector", "ktach-agentd": "ktach-agentd"}
UNITS = {os.path.basename(p).removesuffix(".service") for p in glob.glob("packaging/systemd/*.service")}
OTHERS = {"apt-get", "cp", "install", "rm", "curl", "echo", "gpg", "dkms", "git", "tar", "modprobe", "sqlite3", "ssh", "umask", "cat", "chown",
          "systemctl", "systemd-sysusers", "systemd-tmpfiles", "jq", "tail", "head", "grep", "sort", "sed", "runuser", "kubectl", "podman",
          "kustomize", "docker", "chmod", "mkdir"}


@functools.cache
def help_of(program, command=None):
    words = [os.path.join(build, PROGRAMS[program])] + ([command] if command else []) + ["--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


@functools.cache
def targets():
    text = "".join(open(f, encoding="utf-8").read() for f in ["Makefile"] + glob.glob("*/*.mk"))
    found = set(re.findall(r"^([a-z][a-z0-9_-]*)(?: [a-z-]+)*:", text, re.M))
    found |= {"bench-" + os.path.basename(p).removesuffix(".sh") for p in glob.glob("bench/*.sh")}
    return found | set(re.findall(r"^\.PHONY:(.*)$", text, re.M) and " ".join(re.findall(r"^\.PHONY:(.*)$", text, re.M)).split())


def commands(path):
    """Lines of indented blocks, with those that go on joined, and what `...` in the text begins with a program of ours."""
    text = open(path, encoding="utf-8").read()
    number = 0
    lines = text.split("\n")
    while number < len(lines):
        line = lines[number]
        number += 1
        if not re.match(r"    \S", line):
            for said in re.findall(r"`((?:ktach|make)[^`]*)`", line):
                yield number, said, False
            continue
        at, line = number, line.strip()
        while number < len(lines) and (line.endswith("\\") or line.endswith("|")):
            line = line.rstrip("\\") + " " + lines[number].strip()
            number += 1
        yield at, line, True


def simple(line):
    """The commands of a line, words each: of lists, pipes, substitutions and what ssh and su are given."""
    line = re.sub(r"\s#\s.*", "", line)
    for inner in re.findall(r"\$\(([^()]*)\)", line) + re.findall(r"'([^']*;[^']*)'", line):
        yield from simple(inner)
    line = re.sub(r"\$\([^()]*\)|'[^']*;[^']*'", "X", line)
    for part in re.split(r"&&|\|\||[|;]", line):
        try:
            words = shlex.split(re.sub(r"[<>]+ ?\S+", "", part))
        except ValueError:
            continue
        while words and (re.match(r"^[A-Z_]+=", words[0]) or words[0] in ("exec", "env")):
            words = words[1:]
        if words[:1] == ["ssh"]:
            words = words[2:]
        if words[:1] == ["runuser"] and "--" in words:
            words = words[words.index("--") + 1:]
        if words:
            yield words


def wrong_with(words):
    program = os.path.basename(words[0])
    if program in PROGRAMS:
        return of_ours(program, words[1:])
    if program == "make":
        names = [w for w in words[1:] if "=" not in w and w != "&"]
        return [f"there is no target {n}" for n in names if n not in targets()]
    if program == "systemctl":
        return [f"there is no unit {w}" for w in words if w.startswith("ktach") and w.split("@")[0].removesuffix(".service") not in UNITS]
    paths = [w for w in words[1:] if re.match(r"^(deploy|packaging|scripts|docs|tests)/", w)]
    return [f"there is no {p}" for p in paths if not glob.glob(p)]


def of_ours(program, rest):
    command = rest[0] if rest and re.match(r"^[a-z]+$", rest[0]) and program != "ktach-agentd" else None
    text = help_of(program, command)
    if text is None:
        return [f"{program} has no command {command}"]
    options = [w.split("=")[0] for w in rest if w.startswith("--") and len(w) > 2]
    known = set(re.findall(r"--[a-z0-9-]+", text)) | {"--help", "--version"}
    # Each source of the shipper has two options, which its help tells of in one line.
    return [f"{program} {command or ''} has no option {o}" for o in options
            if o not in known and not re.match(r"^--[a-z]+-(interval|enabled)$", o)]


count = 0
for path in files:
    for line_number, said, block in commands(path):
        for words in simple(said):
            first = os.path.basename(words[0])
            if first in PROGRAMS or first == "make" or first in OTHERS:
                count += 1
                for problem in wrong_with(words):
                    print(f"{path}:{line_number}: {problem}: {said}")
print(count)
