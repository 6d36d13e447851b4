#!/usr/bin/env python3
"""What each kind of isolation costs a trivial test, beside what others take for the same.

usage: isolation.py --launcher test-launcher [--engines DIR] [--image NAME] [--runs 20]

DIR is what `tests/support/engines/engines.sh start DIR` made; without it the machine's own docker and podman are used. The
image must hold a static `true`. Starts each command in turn, so that noise hits all alike, and prints medians in
milliseconds. What is not there is left out and named.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time

HARDENING = ["--rm", "--network=none", "--pull=never", "--memory=512m", "--memory-swap=512m", "--cpus=1", "--pids-limit=256",
             "--cap-drop=ALL", "--security-opt=no-new-privileges", "--read-only", "--tmpfs=/tmp", "--user=65534:65534",
             "--log-driver=none"]


def run_once(command, environment):
    begin = time.perf_counter_ns()
    code = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode
    return (time.perf_counter_ns() - begin) / 1e6, code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--engines", default="")
    parser.add_argument("--image", default="specguard-test")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()

    environment = dict(os.environ)
    if arguments.engines:
        environment["DOCKER_HOST"] = f"unix://{arguments.engines}/docker.sock"
        environment["PATH"] = f"{arguments.engines}/bin:{environment['PATH']}"
    os.environ["PATH"] = environment["PATH"]

    with tempfile.TemporaryDirectory() as build:
        os.chmod(build, 0o755)
        run = [os.path.abspath(arguments.launcher), "exec", "--build-dir", build, "--isolation"]
        true = shutil.which("true")
        commands = {
            "bare": [true],
            "exec, process": [*run, "process", "--", true],
            "bwrap --unshare-all": ["bwrap", "--unshare-all", "--dev-bind", "/", "/", true],
            "exec, namespace": [*run, "namespace", "--", true],
        }
        for engine in ("docker", "podman"):
            # The engine with the same bounds, and the launcher on top of it.
            commands[f"{engine} run"] = [engine, "run", *HARDENING, arguments.image, "true"]
            commands[f"exec, container, {engine}"] = [
                *run, "container", "--engine", engine, "--image", arguments.image, "--", "true"]
        # A setting that only docker's own client understands, so that it is started.
        commands["exec, docker's client"] = ["env", "DOCKER_CUSTOM_HEADERS=X-None=1", *commands["exec, container, docker"]]
        for name in list(commands):
            if shutil.which(commands[name][0]) is None or run_once(commands[name], environment)[1] != 0:
                print(f"left out, does not work here: {name}")
                del commands[name]
        times = {name: [] for name in commands}
        for _ in range(arguments.runs):
            for name, command in commands.items():
                times[name].append(run_once(command, environment)[0])
    print(f"{'command':26} {'median ms':>10} {'fastest':>10}")
    for name, values in times.items():
        print(f"{name:26} {statistics.median(values):10.2f} {min(values):10.2f}")


if __name__ == "__main__":
    main()
