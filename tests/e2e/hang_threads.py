# SPDX-License-Identifier: GPL-2.0-or-later
"""Usage: hang_threads.py PID [NAME]

Stop all threads of a process but its main one, or those of a name, until this
program ends. Prints "hung" when they are, or exits with 77 where that is not
allowed.
"""
import ctypes
import os
import signal
import sys

PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4206, 0x4207
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
pid = int(sys.argv[1])
for tid in map(int, os.listdir(f"/proc/{pid}/task")):
    with open(f"/proc/{pid}/task/{tid}/comm") as f:
        named = len(sys.argv) == 2 or f.read().strip() == sys.argv[2]
    if named and tid != pid and (ptrace(PTRACE_SEIZE, tid, None, None) or ptrace(PTRACE_INTERRUPT, tid, None, None)):
        sys.exit(77)
print("hung", flush=True)
signal.pause()
