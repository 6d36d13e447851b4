// What the launchers of a bare ctest hand on to each other.
#include "session/shared_guard.h"

#include <gtest/gtest.h>

namespace specguard::session {
namespace {

using namespace std::chrono_literals;

GuardHandover sample_handover() {
  GuardHandover handover;
  handover.counters = {.at = base::MonotonicTime(123456789ns),
                       .cpu_busy = UINT64_MAX,
                       .cpu_total = 2,
                       .memory_stall_us = 3,
                       .io_stall_us = 4};
  handover.policy.last_sample = base::MonotonicTime(7s);
  handover.policy.held_since = base::MonotonicTime(8s);
  handover.policy.over[1] = guard::PolicyState::Over{base::MonotonicTime(9s), 97.25};
  return handover;
}

TEST(GuardHandoverTest, SurvivesTheFile) {
  const auto decoded = decode_handover(encode_handover(sample_handover()));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->counters.at, base::MonotonicTime(123456789ns));
  EXPECT_EQ(decoded->counters.cpu_busy, UINT64_MAX);
  EXPECT_EQ(decoded->counters.io_stall_us, 4u);
  EXPECT_EQ(decoded->policy.last_sample, base::MonotonicTime(7s));
  EXPECT_EQ(decoded->policy.held_since, base::MonotonicTime(8s));
  ASSERT_TRUE(decoded->policy.over[1]);
  EXPECT_EQ(decoded->policy.over[1]->since, base::MonotonicTime(9s));
  EXPECT_EQ(decoded->policy.over[1]->worst, 97.25);
  EXPECT_FALSE(decoded->policy.over[0]);
}

TEST(GuardHandoverTest, WhateverIsCutOrOfAnotherVersionIsNone) {
  const std::string text = encode_handover(sample_handover());
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    EXPECT_FALSE(decode_handover(text.substr(0, size))) << size;
  std::string newer = text;
  newer.replace(newer.find("\"version\":1"), 11, "\"version\":2");
  EXPECT_FALSE(decode_handover(newer));
  EXPECT_FALSE(decode_handover("[]"));
}

}  // namespace
}  // namespace specguard::session
