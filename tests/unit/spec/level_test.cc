#include "spec/level.h"

#include <gtest/gtest.h>

namespace specguard::spec {
namespace {

TEST(LevelTest, ByWholeSegmentsOfThePath) {
  const std::tuple<const char*, const char*, Level> cases[] = {
      {"/p/test", "unit/a_spec.spl", Level::kUnit},
      {"/p/test", "01_unit/lib/a_spec.spl", Level::kUnit},
      {"/p/test", "lib/02_integration/a_spec.spl", Level::kIntegration},
      {"/p/test", "03_system/a_spec.spl", Level::kSystem},
      {"/p/test", "feature/a_spec.spl", Level::kSystem},
      {"/p/test", "shared/a_spec.spl", Level::kUnit},
      {"/p/test", "integration/unit/a_spec.spl", Level::kIntegration},
      {"/p/test", "units/a_spec.spl", Level::kNone},
      {"/p/test", "my_unit/a_spec.spl", Level::kNone},
      {"/p/test", "unit_spec.spl", Level::kNone},
      {"/p/test", "01unit/a_spec.spl", Level::kNone},
      {"/p/test", "_unit/a_spec.spl", Level::kNone},
      {"/p/test/unit", "a_spec.spl", Level::kUnit},
      {"/p/test/02_integration/db", "a_spec.spl", Level::kIntegration},
      {"/p/test/unit", "integration/a_spec.spl", Level::kIntegration},
      {"/home/unit/p/test", "a_spec.spl", Level::kNone},
      {"/home/unit/p", "a_spec.spl", Level::kNone},
      {"/", "a_spec.spl", Level::kNone},
      {"", "a_spec.spl", Level::kNone},
  };
  for (const auto& [directory, path, level] : cases)
    EXPECT_EQ(level_of(directory, path), level) << directory << " " << path;
}

}  // namespace
}  // namespace specguard::spec
