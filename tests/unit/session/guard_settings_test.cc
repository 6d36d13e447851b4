#include "session/guard_settings.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <map>

namespace specguard::session {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
using Given = std::map<std::string, std::string>;

auto read(const Given& given, bool on_by_default = false) {
  return read_guard_settings(
      [&](std::string_view name) -> std::optional<std::string> {
        const auto found = given.find(std::string(name));
        return found == given.end() ? std::nullopt : std::optional(found->second);
      },
      on_by_default);
}

TEST(GuardSettings, IsOffInABareCtestUntilSomethingAsksForIt) {
  EXPECT_FALSE(read({})->has_value());
  EXPECT_TRUE(read({}, true)->has_value());
  EXPECT_TRUE(read({{"self-protect", "1"}})->has_value());
  EXPECT_TRUE(read({{"cpu-limit", "80"}})->has_value());
  EXPECT_FALSE(read({{"cpu-limit", "80"}, {"self-protect", "0"}})->has_value());
  EXPECT_FALSE(read({{"self-protect", "off"}}, true)->has_value());
  EXPECT_FALSE(read({{"sustain", "5"}})->has_value());
}

TEST(GuardSettings, WatchesMemoryAndDiskUnlessToldOtherwise) {
  const guard::Thresholds limits = **read({}, true);
  EXPECT_EQ(limits.memory_percent, 90);
  EXPECT_EQ(limits.disk_min_bytes, 100ULL << 20);
  EXPECT_EQ(limits.cpu_percent, std::nullopt);
  EXPECT_EQ(limits.pressure_percent, std::nullopt);
  EXPECT_EQ(limits.cpu_sustain, 10s);
  EXPECT_EQ(limits.memory_sustain, 3s);
  EXPECT_EQ(limits.on_pressure, guard::OnPressure::kStop);
}

TEST(GuardSettings, ReadsEveryOption) {
  const guard::Thresholds limits = **read({{"cpu-limit", "80"},
                                           {"mem-limit", "92.5%"},
                                           {"psi-limit", "40"},
                                           {"disk-min", "2G"},
                                           {"sustain", "500ms"},
                                           {"on-pressure", "wait"}});
  EXPECT_EQ(limits.cpu_percent, 80);
  EXPECT_EQ(limits.memory_percent, 92.5);
  EXPECT_EQ(limits.pressure_percent, 40);
  EXPECT_EQ(limits.disk_min_bytes, 2ULL << 30);
  EXPECT_EQ(limits.cpu_sustain, 500ms);
  EXPECT_EQ(limits.disk_sustain, 500ms);
  EXPECT_EQ(limits.on_pressure, guard::OnPressure::kWait);
}

TEST(GuardSettings, AnIllValueNamesItsOption) {
  for (const auto& [name, value] : Given{{"cpu-limit", "eighty"},
                                         {"mem-limit", "101"},
                                         {"psi-limit", "0"},
                                         {"disk-min", "-1"},
                                         {"sustain", "soon"},
                                         {"on-pressure", "panic"},
                                         {"self-protect", "maybe"}}) {
    const auto result = read({{name, value}});
    ASSERT_FALSE(result.ok()) << name;
    EXPECT_THAT(result.error().message(), HasSubstr(name));
    EXPECT_THAT(result.error().message(), HasSubstr(value));
  }
}

TEST(GuardSettings, AreReadFromTheEnvironment) {
  ::setenv("SPECGUARD_MEM_LIMIT", "77", 1);
  EXPECT_EQ(guard_option_from_environment("mem-limit"), "77");
  ::setenv("SPECGUARD_MEM_LIMIT", "", 1);
  EXPECT_EQ(guard_option_from_environment("mem-limit"), std::nullopt);
  ::unsetenv("SPECGUARD_MEM_LIMIT");
  EXPECT_EQ(guard_option_from_environment("mem-limit"), std::nullopt);
}

}  // namespace
}  // namespace specguard::session
