# SPDX-License-Identifier: GPL-2.0-or-later
"""Places of a C file of this tree where a small fault can be put in."""
import re
from collections import namedtuple

# Bytes begin:end of the file become text.
Fault = namedtuple("Fault", "path kind begin end text")

TURNED = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "/", "+=": "-=", "-=": "+=",
}
# What gives memory and files back is for sanitizers, and what is logged at the
# debug level for nobody.
UNSEEN = re.compile(r"(\w*_)?(free|exit|close|destroy|log_debug|va_end)\(")
STATEMENT = re.compile(r"^\t+([a-z_][^;{}]*?[\w\])]\)?(?:\(|\s*[-+|&]?=\s|\+\+|--)[^;{}]*;)$", re.M)
# Changes that are none: "a < b ? a : b" is the same with "<=", whichever of two equal
# ones is taken; whether two strings are equal does not depend on their order.
CHOICE = re.compile(r"([\w.>\[\]-]+) ([<>]) ([\w.>\[\]-]+) \?\s+(?:\1 :\s+\3|\3 :\s+\1)(?![\w.([-])")
KEYWORDS = re.compile(r"(return|goto|break|continue|case|default|else|if|for|while|do|switch|static|const|struct|enum|"
                      r"union|unsigned|extern|assert_\w+|_Static_assert|static_assert)\b")


def blanked(text):
    """Comments, strings and directives as blanks, so that places stay where they are."""
    rule = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])+\'|^\s*#(?:\\\n|[^\n])*'
    return re.sub(rule, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S | re.M)


def bodies(text):
    """Functions as the kernel's style has them: braces of their own at column 0."""
    for m in re.finditer(r"^\{$.*?^\}$", text, re.S | re.M):
        yield m.start(), m.group()


def closing(text, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if not depth:
            return i
    return -1


def arguments(text, at):
    """Begin and end of each argument of the call whose bracket opens at `at`."""
    end, depth, begin, found = closing(text, at), 0, at + 1, []
    for i in range(at + 1, end + 1):
        if (text[i] == "," and not depth) or i == end:
            found.append((begin, i))
            begin = i + 1
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[i], 0)
    return found


def operators(body):
    same = {m.start(2) for m in CHOICE.finditer(body)}
    for m in re.finditer(r"(?<= )(<=|>=|==|!=|&&|\|\||\+=|-=|[<>+*-])(?= |\n)", body):
        if m.start(1) in same:
            continue
        kind = "comparison" if m[1][0] in "<>=!" else "logic" if m[1] in ("&&", "||") else "arithmetic"
        yield kind, m.start(1), m.end(1), TURNED[m[1]]


def constants(body):
    for m in re.finditer(r"(?<![\w.])(\d+)(?=[^\w.]|[uU]\b)", body):
        yield "constant", m.start(1), m.end(1), str(int(m[1]) + 1) if m[1] != "1" else "0"


def statements(body):
    for m in STATEMENT.finditer(body):
        if not KEYWORDS.match(m[1]) and not UNSEEN.match(m[1]):
            yield "dropped", m.start(1), m.end(1), ";" + "\n" * m[1].count("\n")


def conditions(body):
    for m in re.finditer(r"\bif \(", body):
        end = closing(body, m.end() - 1)
        yield "negated", m.end(), end, "!(" + "\0" + ")"


def calls(body):
    for m in re.finditer(r"\b[a-z_]\w*\((?=[^)])", body):
        found = arguments(body, m.end() - 1)
        equal = re.match(r"(str|mem)n?(case)?cmp\(", m[0]) and (
            body[m.start() - 1] == "!" or re.match(r" [!=]= 0\b", body[found[-1][1] + 1:]))
        for (a, b), (c, d) in list(zip(found, found[1:]))[bool(equal):]:
            yield "swapped", a, d, (b - a, d - c)


def faults_of(path):
    """All faults of a file, in the order of their places."""
    text = open(path).read()
    found = []
    for start, body in bodies(blanked(text)):
        for kinds in (operators, constants, statements, conditions, calls):
            for kind, begin, end, new in kinds(body):
                begin, end = begin + start, end + start
                old = text[begin:end]
                if kind == "negated":
                    new = f"!({old})"
                elif kind == "swapped":
                    first, second = old[:new[0]].strip(), old[len(old) - new[1]:].strip()
                    new = f"{second}, {first}"
                    if first == second:
                        continue
                found.append(Fault(path, kind, begin, end, new))
    return sorted(found, key=lambda f: f.begin)


def apply(fault, text):
    return text[:fault.begin] + fault.text + text[fault.end:]
