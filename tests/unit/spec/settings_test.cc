#include "spec/settings.h"

#include <gmock/gmock.h>

namespace specguard::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DiscoverSettingsTest, ReadsWhatTheCMakeCallWrote) {
  const auto settings = parse_settings(R"({ "version": 1, "build-dir": "/b",
    "exec": { "timeout": "5m", "ctest-timeout": "315", "results": "simple", "other": "x" },
    "discover": { "directories": ["/d"], "patterns": ["*.t"], "exclude": ["x"], "prefix": "p.",
      "labels": ["l"], "properties": {"KEY": "a;b"}, "interpreter": ["/i", "run"],
      "launcher": "/l", "cmake-version": "3.25.1" } })",
                                       "s.json");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->build_dir, "/b");
  EXPECT_THAT(settings->interpreter, ElementsAre("/i", "run"));
  EXPECT_THAT(settings->properties, ElementsAre(std::pair("KEY", "a;b")));
  EXPECT_EQ(settings->timeout_s, 300);
  EXPECT_EQ(settings->ctest_timeout_s, 315);
}

TEST(DiscoverSettingsTest, RefusesWhatItDoesNotUnderstandAndNamesIt) {
  for (const char* text : {"", "[]", "{}", R"({"version": 2})", R"({"version": "1"})"})
    EXPECT_FALSE(parse_settings(text, "s.json")) << text;
  const auto wrong = parse_settings(R"({"version":1,"discover":{"labels":[1]}})", "s.json");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message(), HasSubstr("s.json: 'labels'"));
  EXPECT_FALSE(parse_settings(R"({"version":1,"exec":{"timeout":"soon"}})", "s.json"));
}

}  // namespace
}  // namespace specguard::spec
