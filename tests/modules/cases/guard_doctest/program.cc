#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdlib>

TEST_CASE("passes") {
  CHECK(1 + 1 == 2);
}
TEST_CASE("fails") {
  CHECK(1 + 1 == 3);
}
TEST_CASE("two words, and a comma") {
  SUBCASE("inner") {
    CHECK(true);
  }
}
TEST_CASE("aborts") {
  std::abort();
}
