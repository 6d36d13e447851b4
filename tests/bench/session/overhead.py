#!/usr/bin/env python3
"""What guard and journal cost a whole suite, against the same suite under a bare ctest.

    overhead.py --launcher build/release/launcher/cli/test-launcher [--runs 5] [--jobs 1,2] [--suite "200 of 50 ms"]

Two suites: 1000 tests that do nothing, 200 tests of 50 ms. Each is run by turns, so that what else the machine does meets
all alike, as
  plain      ctest, the commands themselves
  exec       ctest, each test under a launcher that finds no build directory: no session, no journal
  session    ctest, each test under a launcher, with journal, and with the guard asked for
  run        test-launcher run: the same under the supervisor
The medians of the wall time are printed, and the ratios session/exec (what journal and guard cost), run/exec and exec/plain (what
the launcher itself costs); besides the CPU time a test, which a busy machine disturbs less.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

SUITES = {"1000 trivial": (1000, "/bin/true", []), "200 of 50 ms": (200, "/bin/sleep", ["0.05"])}


def write_suite(directory, count, program, words, prefix):
    directory.mkdir()
    command = " ".join(f'"{word}"' for word in [program, *words])
    lines = []
    for i in range(count):
        launch = f'"{prefix[0]}" exec --name t{i} {" ".join(prefix[1:])} -- ' if prefix else ""
        lines.append(f"add_test(t{i} {launch}{command})\n")
    (directory / "CTestTestfile.cmake").write_text("".join(lines))


def timed(command, environment):
    """Wall time and CPU time, the latter of ctest, the launchers and the tests together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall = time.monotonic() - started
    if done.returncode != 0:
        raise SystemExit(f"{command}: exit code {done.returncode}\n{done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(root, name, launcher, jobs, runs):
    count, program, words = SUITES[name]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPECGUARD_", "CTEST_", "DASHBOARD_"))}
    guarded = dict(environment, SPECGUARD_SELF_PROTECT="1")
    modes = {}
    for mode in ("plain", "exec", "session", "run"):
        directory = root / f"{name.replace(' ', '-')}-{jobs}-{mode}"
        where = "--working-directory /" if mode == "exec" else f'--build-dir "{directory}"'
        prefix = [] if mode == "plain" else [launcher, where]
        write_suite(directory, count, program, words, prefix)
        if mode == "run":
            modes[mode] = ([launcher, "run", "--build-dir", str(directory), f"--max-workers={jobs}"], environment)
        else:
            modes[mode] = (["ctest", "--test-dir", str(directory), "-j", str(jobs)],
                           guarded if mode == "session" else environment)
    times = {mode: [] for mode in modes}
    for _ in range(runs):
        for mode, (command, env) in modes.items():
            times[mode].append(timed(command, env))
    wall = {mode: statistics.median(value[0] for value in values) for mode, values in times.items()}
    cpu_us = {mode: statistics.median(value[1] for value in values) / count * 1e6 for mode, values in times.items()}
    return wall, cpu_us


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--suite", choices=SUITES, action="append", help="this one only")
    arguments = parser.parse_args()
    launcher = str(pathlib.Path(arguments.launcher).resolve())
    print("| suite | -j | plain s | exec s | session s | run s | session/exec | run/exec | exec/plain "
          "| CPU us a test: plain / exec / session / run |")
    print("| --- " * 10 + "|")
    with tempfile.TemporaryDirectory(prefix="specguard-bench-") as root:
        for name in arguments.suite or SUITES:
            for jobs in arguments.jobs.split(","):
                t, cpu = measure(pathlib.Path(root), name, launcher, jobs, arguments.runs)
                print(f"| {name} | {jobs} | {t['plain']:.2f} | {t['exec']:.2f} | {t['session']:.2f} | {t['run']:.2f} "
                      f"| {t['session'] / t['exec']:.3f} | {t['run'] / t['exec']:.3f} | {t['exec'] / t['plain']:.3f} "
                      f"| {' / '.join(f'{cpu[mode]:.0f}' for mode in cpu)} |",
                      flush=True)


if __name__ == "__main__":
    main()
