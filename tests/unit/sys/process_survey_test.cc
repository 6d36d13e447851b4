#include "sys/process_survey.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace specguard::sys {
namespace {

const ProcessUse* find(const std::vector<ProcessUse>& uses, pid_t pid) {
  const auto found =
      std::find_if(uses.begin(), uses.end(), [&](const ProcessUse& use) { return use.pid == pid; });
  return found == uses.end() ? nullptr : &*found;
}

TEST(ProcessSurvey, NamesWhoUsedTheCpu) {
  const ProcessSurvey before = ProcessSurvey::take();
  // Burns CPU until the kernel has counted some of it against this process.
  std::vector<ProcessUse> top;
  volatile unsigned burned = 0;
  for (int round = 0; round < 10'000 && find(top, ::getpid()) == nullptr; ++round) {
    for (int i = 0; i < 1'000'000; ++i) burned = burned + 1;
    top = ProcessSurvey::take().top_cpu_since(before, 10'000);
  }
  const ProcessUse* own = find(top, ::getpid());
  ASSERT_NE(own, nullptr);
  EXPECT_GT(own->cpu_percent, 0.0);
  EXPECT_THAT(own->command_line, ::testing::HasSubstr("unit_sys"));
}

TEST(ProcessSurvey, NamesWhoHoldsTheMemoryMostFirst) {
  const std::vector<char> memory(64 << 20, 'x');
  const std::vector<ProcessUse> top = ProcessSurvey::take().top_memory(10'000);
  const ProcessUse* own = find(top, ::getpid());
  ASSERT_NE(own, nullptr);
  EXPECT_GE(own->resident_bytes, memory.size());
  EXPECT_TRUE(std::is_sorted(top.begin(), top.end(), [](const auto& a, const auto& b) {
    return a.resident_bytes > b.resident_bytes;
  }));
}

TEST(ProcessSurvey, GivesNoMoreThanAskedFor) {
  const ProcessSurvey survey = ProcessSurvey::take();
  EXPECT_EQ(survey.top_memory(1).size(), 1U);
  EXPECT_TRUE(survey.top_cpu_since(survey, 5).empty());  // no time has passed
}

}  // namespace
}  // namespace specguard::sys
