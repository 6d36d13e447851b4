#include "spec/filter.h"

#include <gmock/gmock.h>

namespace specguard::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Spec spec(const char* name, Level level, std::vector<std::string> tags) {
  Spec result;
  result.name = name;
  result.level = level;
  result.facts.tags = std::move(tags);
  return result;
}

std::vector<Spec> some_specs() {
  std::vector<Spec> specs = {
      spec("a", Level::kUnit, {"database", "smoke"}), spec("b", Level::kIntegration, {"database"}),
      spec("c", Level::kIntegration, {"smoke"}), spec("d", Level::kNone, {})};
  specs[1].facts.slow = true;
  specs[2].facts.skip = "why";
  specs[3].facts.pending = "";
  specs[3].facts.platforms = {"linux"};
  return specs;
}

std::vector<std::string> names(const Filter& filter) {
  std::vector<Spec> specs = some_specs();
  EXPECT_TRUE(apply_filter(filter, specs));
  std::vector<std::string> result;
  for (const Spec& each : specs) result.push_back(each.name);
  return result;
}

template <typename Change>
std::vector<std::string> names_with(Change change) {
  Filter filter;
  change(filter);
  return names(filter);
}

TEST(FilterTest, EachWordAndTheirCombination) {
  EXPECT_THAT(names({}), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(names_with([](Filter& f) { f.levels = {Level::kIntegration}; }),
              ElementsAre("b", "c"));
  EXPECT_THAT(names_with([](Filter& f) {
                f.levels = {Level::kUnit, Level::kIntegration};
              }),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(names_with([](Filter& f) { f.tags = {"smoke", "database"}; }), ElementsAre("a"));
  EXPECT_THAT(names_with([](Filter& f) { f.only_slow = true; }), ElementsAre("b"));
  EXPECT_THAT(names_with([](Filter& f) { f.no_slow = true; }), ElementsAre("a", "c", "d"));
  EXPECT_THAT(names_with([](Filter& f) { f.only_skipped = true; }), ElementsAre("c"));
  EXPECT_THAT(names_with([](Filter& f) { f.only_pending = true; }), ElementsAre("d"));
  EXPECT_THAT(names_with([](Filter& f) { f.platform = "linux"; }), ElementsAre("d"));
  EXPECT_THAT(names_with([](Filter& f) {
                f.levels = {Level::kIntegration};
                f.tags = {"database"};
                f.only_slow = true;
              }),
              ElementsAre("b"));
}

// The original tool ignored `--tag=x` silently.
TEST(FilterTest, ATagThatNoSpecHasIsAnErrorWithTheNearestOnes) {
  std::vector<Spec> specs = some_specs();
  Filter filter;
  filter.tags = {"databse"};
  const auto applied = apply_filter(filter, specs);
  ASSERT_FALSE(applied);
  EXPECT_THAT(applied.error().message(), HasSubstr("did you mean database?"));
  EXPECT_THAT(nearest_words("smok", {"smoke", "slow", "unrelated"}), ElementsAre("smoke", "slow"));
}

}  // namespace
}  // namespace specguard::spec
