#!/usr/bin/env python3
"""Compares the tests of a CMake project as they are and guarded by SpecGuardEverything.cmake, test by test.

    compare.py --prefix <installed SpecGuard> [options] SOURCE_DIR [-- CMAKE-OPTION...]

The project is configured as it is and built; its tests are listed and run. Then it is configured again with the guard,
in the same build directory (with --separate: in another one, which is built too), listed and run. Compared are the
tests' names and order, their commands behind the launcher, their properties, and ctest's verdicts.

A verdict may differ where the launcher says that a limit or a leak was met: that is shown and is no difference. Tests
whose verdicts differ otherwise are run again both ways: one that does not agree with itself is shown as unstable.

Exit codes: 0 nothing differs, 1 something does, 2 the project could not be configured, built, listed or run.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

# The outcomes of docs/outcomes.md that are verdicts of the guard's own, as the launcher prints them.
MET = re.compile(
    r"^test-launcher: ((?:timeout|idle-timeout|cpu-time|out-of-memory|process-limit|output-limit|leaked): .*)$",
    re.MULTILINE)


class Unusable(Exception):
    """The project cannot be compared; the text says at which step and why."""


def run_step(what, command):
    """Runs COMMAND and returns its standard output; raises Unusable with the end of what it said if it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise Unusable(f"{what} failed ({done.returncode}): {' '.join(map(str, command))}\n{said}")
    return done.stdout


class Project:
    """One way of running the project's tests, in a build directory that the other way may share."""

    def __init__(self, options, build_dir, guarded):
        self.options = options
        self.build_dir = build_dir
        self.guarded = guarded

    def configure(self):
        if self.guarded:
            everything = self.options.prefix / "share/cmake/SpecGuard/SpecGuardEverything.cmake"
            how = [f"-DCMAKE_PROJECT_TOP_LEVEL_INCLUDES={everything}",
                   f"-DSPECGUARD_GUARD_OPTIONS={self.options.guard}"]
        else:
            how = ["-UCMAKE_PROJECT_TOP_LEVEL_INCLUDES", "-USPECGUARD_GUARD_OPTIONS"]
        run_step("configuring", [self.options.cmake, "-S", self.options.source, "-B", self.build_dir,
                                 "-G", self.options.generator, *how, *self.options.cmake_options])

    def build(self):
        run_step("building", [self.options.cmake, "--build", self.build_dir, "--config", self.options.config,
                              "--parallel", str(self.options.jobs)])

    def _ctest(self, *words):
        return [self.options.ctest, "--test-dir", self.build_dir, "-C", self.options.config, *words]

    def tests(self):
        """The tests as ctest lists them: name -> (command, properties), in ctest's order."""
        tests = {}
        listed = run_step("listing the tests", self._ctest("--show-only=json-v1"))
        for test in json.loads(listed.replace(str(self.build_dir), "<build>"))["tests"]:
            if test["name"] in tests:
                raise Unusable(f"two tests are named '{test['name']}'")
            properties = {p["name"]: p["value"] for p in test.get("properties", [])}
            tests[test["name"]] = (test.get("command", []), properties)
        return tests

    def verdicts(self, names=None):
        """Runs the tests, or those of these NAMES: name -> (verdict, what it printed)."""
        selection = ["-R", "^(" + "|".join(re.sub(r"([^\w /-])", r"\\\1", name) for name in names) + ")$"] if names else []
        results = self.build_dir / "compare.xml"
        results.unlink(missing_ok=True)
        subprocess.run(self._ctest("--output-junit", results, "--timeout", str(self.options.timeout),
                                   "-j", str(self.options.parallel), *selection),
                       stdin=subprocess.DEVNULL, capture_output=True)
        if not results.exists():
            raise Unusable("ctest wrote no results")
        verdicts = {}
        for case in xml.parse(results).getroot().iter("testcase"):
            words = [case.get("status")]
            words += [part.get("message") or "" for part in case if part.tag in ("failure", "skipped")]
            verdict = ": ".join(filter(None, words))
            if verdict in ("notrun: Unable to find executable", "notrun: Required Files Missing"):
                verdict = "notrun: its program or a file that it requires is missing"
            verdicts[case.get("name")] = (verdict, case.findtext("system-out") or "")
        return verdicts


def differing_lists(bare, guarded):
    """What differs between the two lists of tests, a line each."""
    if list(bare) != list(guarded):
        yield (f"names or their order differ: lost {[n for n in bare if n not in guarded]}, "
               f"new {[n for n in guarded if n not in bare]}")
    for name in [name for name in bare if name in guarded]:
        (command, properties), (launched, of_guarded) = bare[name], guarded[name]
        if launched[1:2] == ["exec"] and os.path.basename(launched[0]) == "test-launcher":
            launched = launched[launched.index("--") + 1:]
        elif launched or command:
            yield f"{name}: no launcher ahead: {launched}"
            continue
        # As listed, a command's program is the path that ctest found for it; none where it found none.
        if command and launched[1:] != command[1:]:
            yield f"{name}: the command differs: {command} became {launched}"
        for key in sorted(properties.keys() | of_guarded.keys()):
            # The guard's word for a program that was not there when ctest started.
            is_ours = key == "REQUIRED_FILES" and key not in properties and of_guarded[key] == launched[:1]
            if properties.get(key) != of_guarded.get(key) and not is_ours:
                yield f"{name}: property {key} differs: {properties.get(key)} became {of_guarded.get(key)}"


def judge_verdicts(bare_project, guarded_project, bare, guarded):
    """The tests whose verdicts differ: (line to print, whether it is a difference of the guard's making) each."""
    suspects = []
    for name, (verdict, _) in bare.items():
        of_guarded, output = guarded.get(name, ("no verdict", ""))
        met = MET.search(output)
        if verdict != of_guarded and met:
            yield f"{name}: {verdict} became {of_guarded}: {met.group(1)}", False
        elif verdict != of_guarded:
            suspects.append(name)
    if not suspects:
        return
    again = {}
    for project in (bare_project, guarded_project):
        project.configure()
        again[project] = project.verdicts(suspects)
    for name in suspects:
        second = again[bare_project].get(name, ("no verdict", ""))[0]
        of_guarded, output = again[guarded_project].get(name, ("no verdict", ""))
        if bare[name][0] != second:
            yield f"{name}: unstable without the guard: {bare[name][0]}, then {second}", False
        elif of_guarded == second:
            yield f"{name}: unstable with the guard: {guarded[name][0]}, then {of_guarded}", False
        else:
            said = "\n    ".join(output.splitlines()[-15:])
            yield f"{name}: {second} became {of_guarded}\n    {said}", True


def compare(options, scratch):
    """Compares, prints the table and what differs; returns the exit code."""
    bare = Project(options, scratch / "build", guarded=False)
    guarded = Project(options, scratch / "guarded" if options.separate else bare.build_dir, guarded=True)
    bare.configure()
    bare.build()
    bare_tests, bare_verdicts = bare.tests(), bare.verdicts()
    guarded.configure()
    if options.separate:
        guarded.build()
    guarded_tests, guarded_verdicts = guarded.tests(), guarded.verdicts()
    if not bare_tests:
        raise Unusable("the project has no tests")

    lines = list(differing_lists(bare_tests, guarded_tests))
    differences = len(lines)
    for line, ours in judge_verdicts(bare, guarded, bare_verdicts, guarded_verdicts):
        lines.append(line)
        differences += ours
    count = {}
    for way, verdicts in ((0, bare_verdicts), (1, guarded_verdicts)):
        for verdict, _ in verdicts.values():
            count.setdefault(verdict, [0, 0])[way] += 1
    print(f"{options.source.name}: {len(bare_tests)} tests, {differences} differences")
    print(f"  {'verdict':<40} {'as it is':>9} {'guarded':>9}")
    for verdict in sorted(count):
        print(f"  {verdict:<40} {count[verdict][0]:>9} {count[verdict][1]:>9}")
    for line in lines:
        print(f"  {line}")
    return 1 if differences else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, metavar="SOURCE_DIR")
    parser.add_argument("cmake_options", nargs="*", metavar="CMAKE-OPTION", help="for the project, after --")
    parser.add_argument("--prefix", type=pathlib.Path, required=True, help="where SpecGuard is installed")
    parser.add_argument("--guard", default="LEAKS;warn", help="options of the guard (default: %(default)s)")
    parser.add_argument("--separate", action="store_true", help="a build directory of its own for each way")
    parser.add_argument("--build-dir", type=pathlib.Path, help="keep the builds here (default: removed at the end)")
    parser.add_argument("--generator", default="Ninja")
    parser.add_argument("--config", default="Release", help="for generators of several configurations")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="of the build")
    parser.add_argument("--parallel", type=int, default=1, help="tests at a time")
    parser.add_argument("--timeout", type=int, default=600, help="of a test that has none, in seconds")
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--ctest", default="ctest")
    options = parser.parse_args()
    options.source = options.source.resolve()
    options.prefix = options.prefix.resolve()
    try:
        if options.build_dir:
            options.build_dir.mkdir(parents=True, exist_ok=True)
            return compare(options, options.build_dir.resolve())
        with tempfile.TemporaryDirectory(prefix="specguard-compare-") as scratch:
            return compare(options, pathlib.Path(scratch))
    except Unusable as reason:
        print(f"compare.py: {options.source}: {reason}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
