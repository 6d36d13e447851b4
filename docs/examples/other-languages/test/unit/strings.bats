#!/usr/bin/env bats

@test "upper case" {
  [ "$(printf shop | tr a-z A-Z)" = SHOP ]
}

@test "a file is where it was written" {
  echo apple > "$BATS_TEST_TMPDIR/goods"
  grep -q apple "$BATS_TEST_TMPDIR/goods"
}

@test "a printer" {
  skip "no printer here"
}
