#!/usr/bin/env python3
"""How long a session takes from the guard's trip to its exit, with tests running that do not want to end.

    trip_to_exit.py --launcher build/release/launcher/cli/test-launcher [--engines DIR] [--runs 10] [--jobs 4]

Each test of a suite ignores SIGTERM and SIGINT, has a child that does likewise, and a daemon in a session of its own. They run
  process    as processes, under `test-launcher run`
  namespace  in namespaces, likewise
  docker, podman  in containers (DIR is what `tests/support/engines/engines.sh start DIR` made), likewise
  bare       as processes, under a bare ctest with the guard asked for
The memory limit is 1 %, which every machine exceeds, and has to be exceeded for 3 s (6 s with containers), so that the tests are
running by then. A trip is when the launcher says so; a bare ctest shows what its launchers said only when it shows their test,
so there it is when the file appears by which they tell each other. Minimum, median, and maximum of the runs are printed, in
seconds, and what is left of the budget of 7 s. It ends with an error where the exit code is not 42 (8 of a bare ctest), the
budget is exceeded, no checkpoint is there, or a process or a container is left.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

BUDGET_S = 7.0
SAYS_SO = b"the guard stops this run"
STUBBORN = "trap '' TERM INT; (trap '' TERM INT; sleep 600) & setsid sleep 600 & sleep 600; sleep 600"


def write_suite(directory, launcher, options, jobs):
    lines = ["add_test(first true)\n"]
    for i in range(2 * jobs):  # as many again wait for their turn
        lines.append(f'add_test(t{i} "{launcher}" exec --name t{i} --build-dir "{directory}" {options} -- sh -c [==[{STUBBORN}]==])\n')
    (directory / "CTestTestfile.cmake").write_text("".join(lines))


def marked_processes(mark):
    """Living ones that have the mark in their environment."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0") and \
                    (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX":
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def containers(engine, environment):
    if engine is None:
        return []
    listed = subprocess.run([engine, "ps", "-aq"], env=environment, stdout=subprocess.PIPE, check=True)
    return listed.stdout.decode().split()


def seconds_of_run(launcher, directory, jobs, sustain, environment):
    run = subprocess.Popen([launcher, "run", "--build-dir", str(directory), f"--max-workers={jobs}", "--mem-limit=1",
                            f"--sustain={sustain}"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    tripped = None
    said = []
    for line in run.stderr:
        said.append(line)
        if tripped is None and SAYS_SO in line:
            tripped = time.monotonic()
    code = run.wait()
    took = time.monotonic() - (tripped or 0)
    if code != 42 or tripped is None:
        raise SystemExit(f"exit code {code}\n{b''.join(said).decode()}")
    if not (directory / "Testing/SpecGuard/checkpoint.json").exists():
        raise SystemExit("no checkpoint")
    return took


def seconds_of_bare(directory, jobs, sustain, environment):
    guarded = dict(environment, SPECGUARD_MEM_LIMIT="1", SPECGUARD_SUSTAIN=str(sustain))
    ctest = subprocess.Popen(["ctest", "--test-dir", str(directory), "-j", str(jobs)], env=guarded,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tripped = None
    while tripped is None and ctest.poll() is None:
        if any(directory.glob("Testing/SpecGuard/sessions/*/stop.json")):
            tripped = time.monotonic()
        time.sleep(0.005)
    code = ctest.wait()
    took = time.monotonic() - (tripped or 0)
    if code != 8 or tripped is None:
        raise SystemExit(f"exit code {code}")
    return took


def measure(name, options, engine, arguments, environment):
    times = []
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory(prefix="specguard-bench-") as root:
            os.chmod(root, 0o755)
            directory = pathlib.Path(root)
            marked = dict(environment, SPECGUARD_BENCH=root)
            before = containers(engine, environment)
            write_suite(directory, arguments.launcher, options, arguments.jobs)
            if name == "bare":
                times.append(seconds_of_bare(directory, arguments.jobs, 3, marked))
            else:
                times.append(seconds_of_run(arguments.launcher, directory, arguments.jobs, 6 if engine else 3, marked))
            left = marked_processes(f"SPECGUARD_BENCH={root}".encode())
            if left:
                raise SystemExit(f"{name}: processes are left: {left}")
            if set(containers(engine, environment)) - set(before):
                raise SystemExit(f"{name}: containers are left")
    print(f"| {name} | {min(times):.2f} | {statistics.median(times):.2f} | {max(times):.2f} | {BUDGET_S - max(times):.2f} |",
          flush=True)
    if max(times) > BUDGET_S:
        raise SystemExit(f"{name}: the budget of {BUDGET_S:.0f} s is exceeded")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--engines", default="", help="without it there are no containers")
    parser.add_argument("--image", default="specguard-test")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=4)
    arguments = parser.parse_args()
    arguments.launcher = os.path.abspath(arguments.launcher)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPECGUARD_", "CTEST_", "DASHBOARD_"))}
    kinds = [("process", "", None), ("namespace", "--isolation namespace", None), ("bare", "", None)]
    if arguments.engines:
        environment["DOCKER_HOST"] = f"unix://{arguments.engines}/docker.sock"
        environment["PATH"] = f"{arguments.engines}/bin:{environment['PATH']}"
        for engine in ("docker", "podman"):
            kinds.append((engine, f"--isolation container --engine {engine} --image {arguments.image}", engine))
    os.environ["PATH"] = environment["PATH"]
    print(f"| {arguments.jobs} stubborn tests at once | fastest s | median s | slowest s | left of {BUDGET_S:.0f} s |")
    print("| --- " * 5 + "|")
    for name, options, engine in kinds:
        measure(name, options, engine, arguments, environment)


if __name__ == "__main__":
    main()
