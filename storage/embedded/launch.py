"""Becomes another program that the kernel kills when its parent dies, however the parent dies.

`python -I launch.py PARENT_PID PROGRAM ARGUMENT…`. Run as a script: it imports nothing of the project, so that it starts in milliseconds.
The signal is tied to the parent's *thread*: start children from a thread that lives as long as they should.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, then look whether the parent died before it could be asked for, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"parent {parent} is gone")
    os.umask(0o077)
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
