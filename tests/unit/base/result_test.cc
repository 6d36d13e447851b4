#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace specguard::base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error("odd");
  return number / 2;
}

Result<int> quarter(int number) {
  SPECGUARD_TRY(const int once, half(number));
  SPECGUARD_TRY(const int twice, half(once));
  return twice;
}

Result<void> only_even(int number) {
  SPECGUARD_TRY_VOID([&]() -> Result<void> {
    if (number % 2 != 0) return Error("odd");
    return {};
  }());
  return {};
}

TEST(ResultTest, TryPassesValuesOnAndErrorsUp) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message(), "odd");
  EXPECT_TRUE(only_even(2));
  EXPECT_FALSE(only_even(3));
}

TEST(ResultTest, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> owned = std::move(result).value();
  EXPECT_EQ(*owned, 7);
}

TEST(ErrorTest, SaysWhatOnWhatAndWhy) {
  const Error error = Error::from_errno("append record to j", ENOSPC).with_context("session 3");
  EXPECT_EQ(error.message(), "session 3: append record to j: No space left on device");
  EXPECT_EQ(error.errno_value(), ENOSPC);
}

TEST(ResultDeathTest, ReadingTheValueOfAFailureIsOurBug) {
  const Result<int> failed = Error("no");
  EXPECT_DEATH((void)failed.value(), "internal error.*value\\(\\) of a failed Result");
}

}  // namespace
}  // namespace specguard::base
