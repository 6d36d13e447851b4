# Tests as Catch2's own module discovers them, guarded and unguarded.
expect_same_verdicts()
expect_verdicts(c.passes Passed c.fails "Failed")
expect_output("2 tests failed out of 4")
expect_launched(c.passes c.fails c.aborts)
