# Tests as doctest's own module discovers them, guarded and unguarded.
expect_same_verdicts()
expect_verdicts(d.passes Passed d.fails "Failed")
expect_output("2 tests failed out of 4")
expect_launched(d.passes d.fails d.aborts)
