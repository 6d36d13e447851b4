#include "spec/cmake_script.h"

#include <gmock/gmock.h>

namespace specguard::spec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CMakeArgumentTest, EveryBracketInTheTextIsShorterThanTheQuotes) {
  EXPECT_EQ(cmake_argument("plain/a_spec.spl"), "\"plain/a_spec.spl\"");
  EXPECT_EQ(cmake_argument("$VAR"), "[=[$VAR]=]");
  EXPECT_EQ(cmake_argument("]=]"), "[==[]=]]==]");
  EXPECT_EQ(cmake_argument("]==]"), "[===[]==]]===]");
  EXPECT_EQ(cmake_argument("a]="), "[==[a]=]==]");
  EXPECT_EQ(cmake_argument(""), "\"\"");
}

Spec spec(const char* name) {
  Spec result;
  result.name = name;
  result.path = std::string("/src/") + name;
  result.facts.examples.plain = 1;
  return result;
}

CMakeScriptOptions options() {
  CMakeScriptOptions result;
  result.launcher = "/l";
  result.interpreter = {"/i", "run"};
  return result;
}

TEST(CMakeScriptTest, OneDirectoryForEachSetOfLabels) {
  std::vector<Spec> specs = {spec("a"), spec("b"), spec("c")};
  specs[1].facts.tags = {"x"};
  const CMakeScript script = make_cmake_script(specs, options());
  ASSERT_EQ(script.directories.size(), 2u);
  EXPECT_THAT(script.directories[0].content, Not(HasSubstr("LABELS")));
  EXPECT_THAT(script.directories[1].content, HasSubstr("LABELS \"x\""));
  EXPECT_EQ(make_cmake_script(specs, options()).directories[0].name, script.directories[0].name);
}

TEST(CMakeScriptTest, PropertiesOnlyWhereTheyAreNeeded) {
  const std::vector<Spec> specs = {spec("a")};
  const auto content = [&](const CMakeScriptOptions& given, const std::vector<Spec>& of) {
    return make_cmake_script(of, given).directories[0].content;
  };
  EXPECT_THAT(content(options(), specs), Not(HasSubstr("SKIP_RETURN_CODE")));
  EXPECT_THAT(content(options(), specs), Not(HasSubstr("TIMEOUT")));
  CMakeScriptOptions more = options();
  more.every_test_may_skip = true;
  more.timeout_s = 300;
  more.ctest_timeout_s = 312;
  more.properties = {{"ENVIRONMENT", "A=1;B=2"}};
  EXPECT_THAT(content(more, specs), HasSubstr("SKIP_RETURN_CODE \"77\""));
  EXPECT_THAT(content(more, specs), HasSubstr("TIMEOUT 312"));
  EXPECT_THAT(content(more, specs), HasSubstr("\"ENVIRONMENT\" [=[A=1;B=2]=]"));
  std::vector<Spec> raised = specs;
  raised[0].facts.timeout = std::chrono::seconds(600);
  EXPECT_THAT(content(more, raised), HasSubstr("TIMEOUT 612"));
  raised[0].facts.timeout = std::chrono::seconds(10);
  EXPECT_THAT(content(more, raised), HasSubstr("TIMEOUT 312"));
}

TEST(CMakeScriptTest, ANameWithADashInFrontIsNoOption) {
  EXPECT_THAT(make_cmake_script(std::vector<Spec>{spec("-x")}, options()).directories[0].content,
              HasSubstr("exec [=[--name=-x]=] --spec"));
}

}  // namespace
}  // namespace specguard::spec
