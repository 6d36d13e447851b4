#!/usr/bin/env python3
"""read_junit.py FILE: reads a JUnit file as GitHub's and GitLab's viewers do, and prints what they would count.

Both go by the elements below each testcase; many others go by the attributes. So each level's attributes must be there,
be numbers, and say what its elements say. Prints one line: tests failures errors skipped.
"""
import sys
import xml.etree.ElementTree as tree

KINDS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def counts_of(element):
    cases = list(element.iter("testcase"))
    counts = {"tests": len(cases)}
    for attribute, tag in KINDS.items():
        counts[attribute] = sum(1 for case in cases if case.find(tag) is not None)
    return counts


def check(element):
    counts = counts_of(element)
    for attribute, count in counts.items():
        stated = element.get(attribute)
        assert stated == str(count), f"{element.tag} {element.get('name')!r}: {attribute} is {stated}, counted {count}"
    float(element.get("time"))
    assert element.get("name"), f"a {element.tag} without a name"
    return counts


root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites", root.tag
total = check(root)
seen = set()
for suite in root:
    assert suite.tag == "testsuite", suite.tag
    check(suite)
    for case in suite.findall("testcase"):
        key = (case.get("classname"), case.get("name"))  # GitLab knows a case by these
        assert all(key) and key not in seen, f"not unique: {key}"
        seen.add(key)
        float(case.get("time"))
        assert sum(case.find(tag) is not None for tag in KINDS.values()) <= 1, key
print(total["tests"], total["failures"], total["errors"], total["skipped"])
