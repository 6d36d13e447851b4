#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <cstdlib>

TEST_CASE("passes") {
  CHECK(1 + 1 == 2);
}
TEST_CASE("fails") {
  CHECK(1 + 1 == 3);
}
TEST_CASE("a name with $signs and \"quotes\"", "[tag]") {
  SECTION("inner") {
    CHECK(true);
  }
}
TEST_CASE("aborts") {
  std::abort();
}
