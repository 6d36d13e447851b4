#!/usr/bin/env python3
"""What the launcher adds to a trivial test, side by side with other wrappers.

usage: startup.py --launcher test-launcher [--other name=path] [--runs 500]

Starts each command in turn, so that noise hits all alike, and prints medians of start, run and end: of the time that
passes, and of the CPU time of all its processes, which other work on the machine changes little. Microseconds. Each program
is first read from disk anew: a file that was just written lies in the page cache in larger pieces, and starts sooner.
Commands whose program is not installed are left out and named.
"""
import argparse
import os
import shutil
import statistics
import time


def run_once(command):
    begin = time.perf_counter_ns()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, _, usage = os.wait4(pid, 0)
    return (time.perf_counter_ns() - begin) / 1000, (usage.ru_utime + usage.ru_stime) * 1e6


def forget(path):
    """Drops the file from the page cache."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--other", action="append", default=[], help="NAME=PATH of another launcher to compare")
    parser.add_argument("--runs", type=int, default=500)
    arguments = parser.parse_args()

    true = shutil.which("true")
    wrappers = {
        "bare exec": [],
        "test-launcher exec": [arguments.launcher, "exec", "--"],
        "timeout 10": ["timeout", "10"],
        "tini -s": ["tini", "-s", "--"],
        "bwrap --unshare-all": ["bwrap", "--unshare-all", "--dev-bind", "/", "/"],
        "test-launcher --version": None,
    }
    commands = {name: [*prefix, true] for name, prefix in wrappers.items() if prefix is not None}
    commands["test-launcher --version"] = [arguments.launcher, "--version"]
    for other in arguments.other:
        name, path = other.split("=", 1)
        commands[f"exec, {name}"] = [path, "exec", "--", true]
        commands[f"--version, {name}"] = [path, "--version"]
    for name in list(commands):
        program = shutil.which(commands[name][0])
        if program is None:
            print(f"left out, not installed: {name}")
            del commands[name]
        else:
            commands[name][0] = program
    for program in {command[0] for command in commands.values()}:
        forget(program)

    silence = os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(1)
    os.dup2(silence, 1)
    times = {name: [] for name in commands}
    for _ in range(arguments.runs):
        for name, command in commands.items():
            times[name].append(run_once(command))
    os.dup2(kept, 1)
    medians = {name: [statistics.median(column) for column in zip(*values)] for name, values in times.items()}
    bare, bare_cpu = medians["bare exec"]
    print(f"{'command':28} {'wall':>8} {'over bare':>10} {'CPU':>8} {'over bare':>10}")
    for name, (wall, cpu) in medians.items():
        print(f"{name:28} {wall:8.0f} {wall - bare:10.0f} {cpu:8.0f} {cpu - bare_cpu:10.0f}")


if __name__ == "__main__":
    main()
