#!/usr/bin/env python3
"""explorers_test.py CMAKE-BIN SOURCE LAUNCHER MINISPEC: reads ctest as the test explorers do, and checks what they get.

The rules are those of the explorers' own sources:
  VS Code CMake Tools  `--show-only=json-v1`: DEF_SOURCE_LINE, else file and line of the test's own backtrace node; labels as
                       tags, one word or a list; `-T test` and Test.xml: Status, Results/NamedMeasurement, Measurement
  Qt Creator           the same JSON: the node at the root of the backtrace
  CLion, Visual Studio names, commands, labels and working directory from the JSON; Test.xml or the exit code
"""
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree
import zlib

cmake_bin, source, launcher, minispec = map(pathlib.Path, sys.argv[1:])

SPEC = """# @tag: smoke
describe "cart":
    it "adds":
        expect(1).to_equal(1)
"""
SKIPPED = """# @skip - not before spring
describe "later":
    it "waits":
        expect(1).to_equal(1)
"""
FAILING = """describe "sum":
    it "is wrong":
        expect(1).to_equal(2)
"""
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(explored NONE)
enable_testing()
list(APPEND CMAKE_MODULE_PATH "{source}/modules")
set(SPECGUARD_LAUNCHER "{launcher}")
include(SpecGuard)
specguard_discover_tests(DIRECTORIES test INTERPRETER "{minispec}")
specguard_add_test(NAME added
  COMMAND sleep 1 LABELS mine)
function(wrapped name)
  specguard_add_test(NAME ${{name}} COMMAND true)
endfunction()
wrapped(in_a_function)
add_test(NAME plain COMMAND true)
"""


def run(directory, *words):
    return subprocess.run([str(word) for word in words], cwd=directory, capture_output=True, text=True)


def check(what, got, expected):
    if got != expected:
        sys.exit(f"{what}:\n  got      {got!r}\n  expected {expected!r}\nkept: {work}")


def vscode_place(info, test):
    graph = info["backtraceGraph"]
    for prop in test["properties"]:
        if prop["name"] == "DEF_SOURCE_LINE":
            name, _, line = prop["value"].rpartition(":")
            return name, int(line)
    node = graph["nodes"][test["backtrace"]]
    return graph["files"][node["file"]], node.get("line")


def qt_creator_place(info, test):
    graph = info["backtraceGraph"]
    node = graph["nodes"][test["backtrace"]]
    while "parent" in node:
        node = graph["nodes"][node["parent"]]
    return graph["files"][node["file"]], node.get("line")


def tags(test):
    found = set()
    for prop in test["properties"]:
        if prop["name"] == "LABELS":
            found |= {prop["value"]} if isinstance(prop["value"], str) else set(prop["value"])
    return found


def output_of(test):
    value = test.find("Results/Measurement/Value")
    if value.get("compression") == "gzip":
        return zlib.decompress(base64.b64decode(value.text)).decode()
    return value.text or ""


def check_listing(project, build):
    info = json.loads(run(build, cmake_bin / "ctest", "--show-only=json-v1").stdout)  # nothing may stand before it
    check("kind", info["kind"], "ctestInfo")
    tests = {test["name"]: test for test in info["tests"]}
    check("names", sorted(tests), ["added", "in_a_function", "integration/later_spec.spl", "plain", "unit/cart/cart_spec.spl",
                                   "unit/sum_spec.spl"])
    lists = str(project / "CMakeLists.txt")
    cart = str(project / "test/unit/cart/cart_spec.spl")
    for name, place in {"unit/cart/cart_spec.spl": (cart, 2),
                        "integration/later_spec.spl": (str(project / "test/integration/later_spec.spl"), 2),
                        "added": (lists, 8), "in_a_function": (lists, 11), "plain": (lists, 14)}.items():
        check(f"place of {name} in VS Code", vscode_place(info, tests[name]), place)
        if name == "plain":  # CMake's own: the file alone
            place = (lists, None)
        check(f"place of {name} in Qt Creator", qt_creator_place(info, tests[name]), place)
    check("labels of a spec", tags(tests["unit/cart/cart_spec.spl"]), {"unit", "smoke"})
    check("labels of a skipped spec", tags(tests["integration/later_spec.spl"]), {"integration", "skip"})
    check("labels of an added test", tags(tests["added"]), {"mine"})
    for test in tests.values():
        if test["name"] != "plain":
            check("command", test["command"][:2], [str(launcher), "exec"])
        check("working directories", [p["value"] for p in test["properties"] if p["name"] == "WORKING_DIRECTORY"] != [], True)


def check_results(build):
    run(build, cmake_bin / "ctest", "-T", "test")
    tag = (build / "Testing/TAG").read_text().split()[0]
    tests = {test.find("Name").text: test for test in tree.parse(build / "Testing" / tag / "Test.xml").getroot().iter("Test")
             if test.find("Name") is not None}
    status = {name: test.get("Status") for name, test in tests.items()}
    check("status", status, {"added": "passed", "in_a_function": "passed", "plain": "passed", "unit/cart/cart_spec.spl": "passed",
                             "unit/sum_spec.spl": "failed", "integration/later_spec.spl": "notrun"})
    for name, test in tests.items():
        for element in ("FullName", "Path", "FullCommandLine", "Results/NamedMeasurement", "Results/Measurement/Value"):
            check(f"{element} of {name}", test.find(element) is not None, True)
    measured = {name: {m.get("name"): m.find("Value").text for m in test.iter("NamedMeasurement")} for name, test in tests.items()}
    skipped = measured["integration/later_spec.spl"]
    # With a status of this name VS Code shows "skipped"; SKIP_RETURN_CODE shows there as an error.
    check("completion status of the skipped one", skipped["Completion Status"].startswith("SKIP_REGULAR_EXPRESSION"), True)
    check("reason in its output", "test-launcher: skipped: not before spring" in output_of(tests["integration/later_spec.spl"]), True)
    check("output of the failed one", "expected 1 to equal 2" in output_of(tests["unit/sum_spec.spl"]), True)
    for name, outcome in {"unit/cart/cart_spec.spl": "passed", "unit/sum_spec.spl": "failed", "added": "passed"}.items():
        check(f"outcome of {name}", measured[name]["SpecGuard outcome"], outcome)
        for what in ("CPU time (s)", "Peak memory (bytes)"):
            check(f"{what} of {name} is a number", float(measured[name][what]) >= 0, True)
    # Processes are counted by looking; one that lives a moment may not be seen.
    check("peak processes of a test of a second", int(measured["added"]["Peak processes"]) >= 1, True)


work = pathlib.Path(tempfile.mkdtemp(prefix="explorers-"))
project = work / "a project"
for path, text in {"unit/cart/cart_spec.spl": SPEC, "unit/sum_spec.spl": FAILING, "integration/later_spec.spl": SKIPPED}.items():
    file = project / "test" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
(project / "CMakeLists.txt").write_text(PROJECT.format(source=source, launcher=launcher, minispec=f"{minispec}\" \"run"))
configured = run(work, cmake_bin / "cmake", "-S", project, "-B", work / "b")
check("configuring", (configured.returncode, configured.stderr), (0, ""))
check_listing(project, work / "b")
check_results(work / "b")
shutil.rmtree(work)
