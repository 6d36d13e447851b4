#include "spec/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace specguard::spec {
namespace {

TEST(GlobTest, Table) {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"*_spec.spl", "a_spec.spl", true},
      {"*_spec.spl", "a_spec.spl2", false},
      {"*", "", true},
      {"*", "a/b", false},
      {"a?c", "abc", true},
      {"a?c", "a/c", false},
      {"[ab]x", "bx", true},
      {"[!ab]x", "bx", false},
      {"[a-c]", "b", true},
      {"[a-c]", "d", false},
      {"[", "[", true},
      {"a[", "a[", true},
      {"**/b", "b", true},
      {"**/b", "x/y/b", true},
      {"**/b", "xb", false},
      {"a/**", "a/b/c", true},
      {"a/**/c", "a/c", true},
      {"a/**/c", "a/x/y/c", true},
      {"a/*/c", "a/x/y/c", false},
      {"*a*b*c", "xxaxxbxxc", true},
      {"**a*/b", "x/ya/zax/b", true},
      {"", "", true},
      {"", "a", false},
  };
  for (const auto& [pattern, text, matches] : cases)
    EXPECT_EQ(glob_matches(pattern, text), matches) << pattern << " on " << text;
}

TEST(GlobTest, APatternWithoutASlashIsAboutTheName) {
  EXPECT_TRUE(glob_matches_path("*.spl", "a/b/c.spl"));
  EXPECT_FALSE(glob_matches_path("a/*.spl", "a/b/c.spl"));
  EXPECT_TRUE(glob_matches_path("a/**.spl", "a/b/c.spl"));
}

TEST(GlobTest, ManyStarsStayCheap) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace specguard::spec
