// Who somebody inside a user namespace is outside of it, as the kernel prints its map.
#include "sys/identity.h"

#include <gtest/gtest.h>

namespace specguard::sys {
namespace {

constexpr const char* kMap =
    "         0       1234          1\n"
    "         1     200000      65536\n";

TEST(UserOutsideTest, IsToldByTheLineThatHoldsTheNumber) {
  EXPECT_EQ(user_outside(kMap, 0), uid_t{1234});
  EXPECT_EQ(user_outside(kMap, 1), uid_t{200000});
  EXPECT_EQ(user_outside(kMap, 65536), uid_t{265535});
  EXPECT_EQ(user_outside("         0          0 4294967295\n", 0), uid_t{0});
}

TEST(UserOutsideTest, IsNobodyWhereNoLineDoes) {
  EXPECT_EQ(user_outside(kMap, 65537), std::nullopt);
  EXPECT_EQ(user_outside("", 0), std::nullopt);
  EXPECT_EQ(user_outside("1 200000 65536\n", 0), std::nullopt);
  EXPECT_EQ(user_outside("0 1234\n", 0), std::nullopt);  // cut off
  EXPECT_EQ(user_outside("what is this\n", 0), std::nullopt);
}

}  // namespace
}  // namespace specguard::sys
