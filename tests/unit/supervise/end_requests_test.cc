#include "supervise/end_requests.h"

#include <gtest/gtest.h>

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;

TEST(EndRequestsTest, OneThatArrivesTwiceIsOneAndALaterOneIsASecond) {
  const std::chrono::steady_clock::time_point began{1h};
  EndRequests requests;
  EXPECT_FALSE(requests.is_same(began));
  EXPECT_TRUE(requests.is_same(began));
  EXPECT_TRUE(requests.is_same(began + EndRequests::kSameRequest - 1ms));
  EXPECT_FALSE(requests.is_same(began + EndRequests::kSameRequest));
  EXPECT_FALSE(requests.is_same(began + 1min));
}

}  // namespace
}  // namespace specguard::supervise
