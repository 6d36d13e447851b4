#include <gtest/gtest.h>

#include <cstdlib>

TEST(Suite, Passes) {}
TEST(Suite, Fails) {
  FAIL() << "on purpose";
}
TEST(Suite, Skips) {
  GTEST_SKIP() << "on purpose";
}
TEST(Suite, Aborts) {
  std::abort();
}
class Values : public testing::TestWithParam<const char*> {};
TEST_P(Values, Pass) {}
INSTANTIATE_TEST_SUITE_P(Any, Values, testing::Values("a b", "c;d", "\"q\""));
