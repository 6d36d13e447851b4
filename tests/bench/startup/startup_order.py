#!/usr/bin/env python3
"""Writes launcher/cli/startup_order.ld: the functions that `exec` runs, for the linker to put side by side.

usage: startup_order.py --launcher build/release/launcher/cli/test-launcher > launcher/cli/startup_order.ld
       startup_order.py --launcher build/dev/launcher/cli/test-launcher --check

Runs `exec` step by step (ptrace(2), PTRACE_SINGLESTEP) in the ways that tests run, looks up in the linker's map, which the
build leaves beside the launcher, which input sections the steps were in, and prints these as a linker script. x86-64 only;
the script that it writes is right on every machine, since names that do not occur there are passed over. With --check: says
how many of the names occur in a build, and fails where that is less than half, as the list would be of no use any more.
"""
import argparse
import bisect
import ctypes
import os
import re
import signal
import sys
import tempfile

PTRACE_TRACEME, PTRACE_PEEKUSER, PTRACE_SINGLESTEP, PTRACE_DETACH, PTRACE_SETOPTIONS = 0, 3, 9, 17, 0x4200
TRACE_FORKS_AND_EXEC = 0x2 | 0x4 | 0x8 | 0x10
KILL_AT_EXIT = 0x100000
EVENT_EXEC = 4
WAIT_FOR_ALL = 0x40000000  # __WALL
RIP = 16 * 8  # in struct user of x86-64

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def executed_addresses(command, environment):
    """Of the command and what it forks, each until it executes another program."""
    pid = os.fork()
    if pid == 0:
        os.dup2(2, 1)  # standard output is for the script
        libc.ptrace(PTRACE_TRACEME, 0, None, None)
        os.execve(command[0], command, environment)
    os.waitpid(pid, 0)
    libc.ptrace(PTRACE_SETOPTIONS, pid, None, TRACE_FORKS_AND_EXEC | KILL_AT_EXIT)
    libc.ptrace(PTRACE_SINGLESTEP, pid, None, None)
    addresses = set()
    while True:
        try:
            stopped, status = os.waitpid(-1, WAIT_FOR_ALL)
        except ChildProcessError:
            return addresses
        if not os.WIFSTOPPED(status):
            if stopped == pid and status != 0:
                sys.exit(f"startup_order.py: {' '.join(command)}: did not end well (status {status:#x})")
            continue
        if status >> 16 == EVENT_EXEC:
            libc.ptrace(PTRACE_DETACH, stopped, None, None)
            continue
        addresses.add(libc.ptrace(PTRACE_PEEKUSER, stopped, RIP, None))
        of_tracing = os.WSTOPSIG(status) in (signal.SIGTRAP, signal.SIGSTOP)
        libc.ptrace(PTRACE_SINGLESTEP, stopped, None, None if of_tracing else os.WSTOPSIG(status))


def sections_of(map_path):
    """(address, size, section, file) of the code in the map, by address."""
    sections, name = [], None
    for line in open(map_path, errors="replace"):
        alone = re.fullmatch(r" (\.text\S*)\s*", line)
        if alone:  # a long name has its line for itself
            name = alone[1]
            continue
        entry = re.fullmatch(r" (\.text\S*)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)\n", line)
        if entry and (entry[1] or name):
            address, size = int(entry[2], 16), int(entry[3], 16)
            if address and size:  # 0: left out as unreachable
                sections.append((address, size, entry[1] or name, entry[4].strip()))
        name = None
    return sorted(sections)


def pattern(section, file):
    """How a linker script names an input section. Of ours and the C++ library's, each function has one of its own."""
    if re.search(r"\._Z|\.main$", section):
        return f"*({section})"
    member = re.search(r"([^/(]+)\(([^)]+)\)$", file)
    return f"*{member[1]}:{member[2]}({section})" if member else f"*{os.path.basename(file)}({section})"


def ways_of_running(launcher, directory):
    """Commands and environments: most tests first."""
    open(f"{directory}/CTestTestfile.cmake", "w").close()
    under_ctest = {**os.environ, "CTEST_INTERACTIVE_DEBUG_MODE": "1"}
    limits = ["--timeout", "60s", "--memory", "256M", "--pids", "64"]
    in_build = ["--name", "startup", "--build-dir", directory, *limits]
    yield [launcher, "exec", "--", "/bin/true"], dict(os.environ)
    yield [launcher, "exec", *in_build, "--", "/bin/true"], under_ctest
    yield [launcher, "exec", *in_build, "--results", "simple", "--", "/bin/true"], under_ctest


def share_found(map_path):
    """How many of the script's lines the linker found a section for: the part, and the whole."""
    lines = found = 0
    text = open(map_path, errors="replace").read()
    block = re.search(r"^\.text\.exec .*?(?=^\S)", text, re.MULTILINE | re.DOTALL)
    waiting = False
    for line in block[0].splitlines() if block else []:
        if re.match(r" \*\S*\(", line):
            lines, waiting = lines + 1, True
        elif waiting and line.startswith(" .text"):
            found, waiting = found + 1, False
    return found, lines


def check(map_path):
    found, lines = share_found(map_path)
    print(f"{found} of the {lines} names in launcher/cli/startup_order.ld occur in this build")
    if 2 * found < lines or lines == 0:
        sys.exit("startup_order.py: the list is stale, and tests start slower for it; make it anew from a release build: "
                 "tests/bench/startup/startup_order.py --help says how")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    launcher = os.path.abspath(arguments.launcher)
    if arguments.check:
        return check(launcher + ".map")
    sections = sections_of(launcher + ".map")
    starts = [section[0] for section in sections]

    patterns = {}  # of the section: in the order of the first way that runs it, and there by address
    with tempfile.TemporaryDirectory() as directory:
        for command, environment in ways_of_running(launcher, directory):
            for address in sorted(executed_addresses(command, environment)):
                section = sections[bisect.bisect_right(starts, address) - 1]
                inside = section[0] <= address < section[0] + section[1]  # else the vDSO, or what the linker made
                if inside and not section[2].startswith(".text.startup"):
                    patterns.setdefault(section, pattern(section[2], section[3]))
    lines = "\n".join(f"    {text}" for text in dict.fromkeys(patterns.values()))
    print(f"""/* The functions that `exec` runs, side by side: a test's start touches a few pages instead of hundreds
   (docs/performance.md). Made by tests/bench/startup/startup_order.py; a name that does not occur is passed over. */
SECTIONS
{{
  .text.exec :
  {{
    *(.text.startup .text.startup.*)
{lines}
  }}
}}
INSERT BEFORE .text;""")
    print(f"{sum(section[1] for section in patterns) // 1024} KiB in {len(patterns)} sections", file=sys.stderr)


if __name__ == "__main__":
    main()
