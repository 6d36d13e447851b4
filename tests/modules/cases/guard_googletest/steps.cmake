# Both ways in which GoogleTest's tests are discovered, guarded and unguarded.
expect_same_verdicts()
expect_verdicts(post.Suite.Skips Skipped pre.Suite.Passes Passed)
expect_output("tests failed out of 14")
expect_launched(post.Suite.Passes pre.Suite.Passes)
