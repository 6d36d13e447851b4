#!/usr/bin/env python3
"""compare_test.py --prefix DIR --source DIR: compare.py finds no difference in a project where there is none, and says
which test, and how, where the guard really changes a verdict or a name."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

LEAKING = """cmake_minimum_required(VERSION 3.25)
project(Leaking NONE)
enable_testing()
add_test(NAME leaks COMMAND sh -c "sleep 20 > /dev/null 2>&1 &")
add_test(NAME passes COMMAND true)
"""
# The project's tests depend on the guard itself: names, a property and a verdict.
CHANGING = """cmake_minimum_required(VERSION 3.25)
project(Changing NONE)
enable_testing()
add_test(NAME fails_where_guarded COMMAND sh -c "test -z \\"$SPECGUARD_ATTEMPT\\"")
add_test(NAME has_a_property COMMAND true)
if(DEFINED CMAKE_PROJECT_TOP_LEVEL_INCLUDES)
  set_tests_properties(has_a_property PROPERTIES COST 5)
  add_test(NAME new COMMAND true)
endif()
"""


def fail(what, done):
    sys.exit(f"{what}\nresult {done.returncode}\n{done.stdout}{done.stderr}")


def compare(prefix, source, *options):
    # What the session around this test says must not reach the sessions inside it.
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("SPECGUARD_", "CTEST_", "DASHBOARD_"))}
    return subprocess.run([sys.executable, HERE / "compare.py", "--prefix", prefix, *options, source], env=environment,
                          capture_output=True, text=True, check=False)


def expect(done, code, *texts):
    if done.returncode != code:
        fail(f"expected exit code {code}", done)
    for text in texts:
        if text not in done.stdout + done.stderr:
            fail(f"expected in the output: {text}", done)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--source", required=True)
    options = parser.parse_args()
    expect(compare(options.prefix, options.source, "--config", "Debug"), 0, "24 tests, 0 differences")
    with tempfile.TemporaryDirectory(prefix="compare-test-") as scratch:
        lists = pathlib.Path(scratch) / "CMakeLists.txt"
        lists.write_text(LEAKING)
        expect(compare(options.prefix, scratch, "--guard", "LEAKS;fail"), 0,
               "2 tests, 0 differences", "leaks: run became fail: leaked: passed, but left 1 process behind")
        lists.write_text(CHANGING)
        expect(compare(options.prefix, scratch, "--separate"), 1, "3 differences", "new ['new']",
               "has_a_property: property COST differs: None became 5", "fails_where_guarded: run became fail")
        lists.write_text("this is no project\n")
        expect(compare(options.prefix, scratch), 2, "configuring failed (1)")


main()
