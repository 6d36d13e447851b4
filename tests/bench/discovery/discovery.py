#!/usr/bin/env python3
"""Discovery and listing at scale, against `find`, `grep` and a naive registration.

  discovery.py --launcher build/release/launcher/cli/test-launcher [--specs 20000] [--runs 3]

Makes a deep tree of spec files in a temporary directory, measures each step in turn (time and memory, medians), prints a
table, and removes the tree. The naive registration sets five properties on each test, labels included.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

TEXT = '# @tag: %s\n"""\nAbout thing %d.\n"""\nimport std.spec\n\n' + \
    'describe "thing %d":\n' + ''.join(
        f'    context "case {c}":\n        it "works {c}":\n            val x = {c}\n'
        f'            expect x to equal {c}\n' for c in range(8))
LEVELS = ["01_unit", "02_integration", "03_system"]
TAGS = ["core", "parser", "database", "network", "smoke"]


def write_tree(root, count):
    for i in range(count):
        folder = f"{root}/{LEVELS[i % 3]}/area_{i // 1000}/module_{i // 25}/part"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/thing_{i}_spec.spl", "w", encoding="utf-8") as file:
            file.write(TEXT % (TAGS[i % len(TAGS)], i, i))


def write_naive(build, root):
    os.makedirs(build)
    with open(f"{build}/CTestTestfile.cmake", "w", encoding="utf-8") as out:
        for folder, _, files in os.walk(root):
            for name in files:
                path = f"{folder}/{name}"
                test = os.path.relpath(path, root)
                out.write(f'add_test([==[{test}]==] "/usr/bin/simple" "run" "{path}")\n')
                out.write(f'set_tests_properties([==[{test}]==] PROPERTIES LABELS "unit;core" TIMEOUT 300 '
                          f'SKIP_RETURN_CODE 77 SKIP_REGULAR_EXPRESSION "skipped: " '
                          f'_BACKTRACE_TRIPLES "{path};1;add_test")\n')


def measure(command, runs, before=None):
    """The medians of wall time in seconds and of peak resident memory in MiB, of the process itself."""
    times, peaks = [], []
    for _ in range(runs):
        if before:
            before()
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        times.append(time.monotonic() - start)
        peaks.append(usage.ru_maxrss / 1024)
        if process.returncode != 0:
            raise SystemExit(f"{command} failed with {process.returncode}")
    return statistics.median(times), statistics.median(peaks)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--specs", type=int, default=20000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-naive", action="store_true")
    args = parser.parse_args()
    launcher = os.path.abspath(args.launcher)
    with tempfile.TemporaryDirectory(prefix="specguard-bench-") as top:
        root, build = f"{top}/test", f"{top}/build"
        write_tree(root, args.specs)
        os.makedirs(build)
        settings = f"{top}/settings.json"
        with open(settings, "w", encoding="utf-8") as out:
            json.dump({"version": 1, "build-dir": build, "exec": {"results": "simple"},
                       "discover": {"directories": [root], "interpreter": ["/usr/bin/simple", "run"],
                                    "launcher": launcher}}, out)
        time.sleep(3)  # so that every file counts as settled
        script = f"{build}/CTestTestfile.cmake"
        discover = [launcher, "discover", "--settings", settings, "--format", "cmake", "--output", script]
        steps = [
            ("find -name '*_spec.spl'", ["find", root, "-name", "*_spec.spl"], None),
            ("grep -rc '^ *it ' (reads every file)", ["grep", "-rc", "^ *it ", root], None),
            ("discover, cold", discover,
             lambda: subprocess.run(["rm", "-rf", f"{build}/Testing", script, script + ".d"], check=True)),
            ("discover, warm", discover, None),
            ("ctest -N, this registration", ["ctest", "--test-dir", build, "-N"], None),
            ("ctest --show-only=json-v1, with source locations",
             ["ctest", "--test-dir", build, "--show-only=json-v1"], None),
        ]
        if not args.no_naive:
            write_naive(f"{top}/naive", root)
            steps.append(("ctest -N, naive: five properties on each test",
                          ["ctest", "--test-dir", f"{top}/naive", "-N"], None))
        print(f"| {args.specs} specs, median of {args.runs} | seconds | MiB |\n| --- | --- | --- |")
        for name, command, before in steps:
            seconds, mib = measure(command, args.runs, before)
            print(f"| {name} | {seconds:.2f} | {mib:.0f} |", flush=True)


if __name__ == "__main__":
    main()
