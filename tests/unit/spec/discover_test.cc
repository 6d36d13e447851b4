#include "spec/discover.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>

#include "spec/discovery_cache.h"
#include "spec/listing.h"

namespace specguard::spec {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A clock far enough ahead that files written a moment ago count as settled.
class LaterClock final : public base::Clock {
 public:
  base::MonotonicTime now() const override { return base::system_clock().now(); }
  base::WallTime wall_now() const override { return base::system_clock().wall_now() + ahead; }
  std::chrono::seconds ahead{60};
};

class DiscoverTest : public ::testing::Test {
 protected:
  DiscoverTest() {
    std::string pattern = (fs::temp_directory_path() / "specguard-discover-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    root_ = pattern;
    fs::create_directories(tree());
  }
  ~DiscoverTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  fs::path tree() const { return root_ / "test"; }

  void write(const std::string& name, const std::string& text = "it \"a\":\n") const {
    fs::create_directories((tree() / name).parent_path());
    std::ofstream(tree() / name, std::ios::binary) << text;
  }

  Discovery found(const fs::path& cache = {}) const {
    DiscoverOptions options;
    options.directories = {tree()};
    options.walk = walk_;
    options.cache_file = cache;
    auto result = discover(options, clock_);
    EXPECT_TRUE(result) << (result ? "" : result.error().message());
    return result ? std::move(*result) : Discovery{};
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const Spec& spec : found().specs) result.push_back(spec.name);
    return result;
  }

  // Until the file system stamps a change with a later time than the last one.
  void wait_for_the_next_tick() const {
    const fs::path probe = root_ / "probe";
    const auto stamp = [&] {
      std::ofstream(probe) << "x";
      const auto result = sys::stat_file(probe);
      return result ? result->changed_ns : 0;
    };
    for (const auto first = stamp(); stamp() == first;) {
    }
  }

  fs::path root_;
  WalkOptions walk_;
  LaterClock clock_;
};

TEST_F(DiscoverTest, WhatCountsAsASpecFileAndInWhatOrder) {
  for (const char* name : {"b_spec.spl", "a_test.spl", "z/c_spec.spl", "d_spec.linux.spl",
                           "x.spec.spl", "_spec.txt", ".h_spec.spl", ".git/e_spec.spl", "spec.spl",
                           "a_spec.spl.bak", "build/f_spec.spl", "vendor/g_spec.spl"})
    write(name);
  walk_.build_directory = tree() / "build";
  walk_.exclude = {"vendor"};
  EXPECT_THAT(names(), ElementsAre("a_test.spl", "b_spec.spl", "d_spec.linux.spl", "z/c_spec.spl"));
}

TEST_F(DiscoverTest, LinksAreFollowedOnceAndLoopsEnd) {
  write("real/a_spec.spl");
  fs::create_directory_symlink(tree(), tree() / "real" / "loop");
  fs::create_directory_symlink("real", tree() / "alias");
  fs::create_symlink("nowhere", tree() / "broken_spec.spl");
  fs::create_symlink("real/a_spec.spl", tree() / "link_spec.spl");
  EXPECT_THAT(names(), ElementsAre("link_spec.spl", "real/a_spec.spl"));
  EXPECT_THAT(found().warnings, SizeIs(1));
  EXPECT_THAT(found().warnings[0].path, HasSubstr("broken_spec.spl"));
}

TEST_F(DiscoverTest, BadFilesAreNamedAndCostNoOther) {
  write("a_spec.spl");
  write("binary_spec.spl", std::string("it \"a\":\n\0x", 10));
  write("latin_spec.spl", "it \"gr\xfc\xdf\":\n");
  write("new\nline_spec.spl");
  write("z_spec.spl");
  write("huge_spec.spl");
  fs::resize_file(tree() / "huge_spec.spl", 1u << 30);  // sparse
  EXPECT_THAT(names(), ElementsAre("a_spec.spl", "binary_spec.spl", "huge_spec.spl",
                                   "latin_spec.spl", "z_spec.spl"));
  std::string warnings;
  for (const Warning& warning : found().warnings)
    warnings += warning.path + ": " + warning.message + "\n";
  for (const char* name : {"binary", "huge", "latin", "new\nline"})
    EXPECT_THAT(warnings, HasSubstr(name));
}

TEST_F(DiscoverTest, ADirectoryWithoutASpecIsAWarningThatNamesThePatterns) {
  write("a.spec.spl");
  EXPECT_THAT(names(), ElementsAre());
  ASSERT_THAT(found().warnings, SizeIs(1));
  EXPECT_EQ(found().warnings[0].path, tree().string());
  EXPECT_THAT(found().warnings[0].message, HasSubstr("no file's name matches *_spec.spl "));
}

TEST_F(DiscoverTest, AMissingDirectoryIsAWarningUnlessItIsAll) {
  write("a_spec.spl");
  DiscoverOptions options;
  options.directories = {tree() / "missing", tree()};
  const auto both = discover(options);
  ASSERT_TRUE(both);
  EXPECT_THAT(both->specs, SizeIs(1));
  EXPECT_THAT(both->warnings, SizeIs(1));
  options.directories = {tree() / "missing"};
  ASSERT_FALSE(discover(options));
}

TEST_F(DiscoverTest, TwoFilesOfOneNameAreAnErrorThatNamesBoth) {
  write("one/a_spec.spl");
  write("two/a_spec.spl");
  DiscoverOptions options;
  options.directories = {tree() / "one", tree() / "two"};
  const auto result = discover(options);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("one/a_spec.spl"));
  EXPECT_THAT(result.error().message(), HasSubstr("two/a_spec.spl"));
  options.directories = {tree() / "one", tree() / "one"};  // the same file is no second one
  EXPECT_TRUE(discover(options));
}

TEST_F(DiscoverTest, ADamagedCacheIsAnEmptyOne) {
  write("a_spec.spl", "# @tag: x\nit \"a\":\n");
  const fs::path cache = root_ / "cache";
  const std::string truth = json_listing(found(cache));
  std::ifstream file(cache, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(file)), {});
  ASSERT_THAT(good, HasSubstr("a_spec.spl"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    std::ofstream(cache, std::ios::binary | std::ios::trunc) << bad;
    EXPECT_EQ(json_listing(found(cache)), truth) << at;
    std::ofstream(cache, std::ios::binary | std::ios::trunc) << good.substr(0, at);
    EXPECT_EQ(json_listing(found(cache)), truth) << at;
  }
}

TEST_F(DiscoverTest, AFileThatChangedAMomentAgoIsNotKept) {
  write("a_spec.spl");
  clock_.ahead = std::chrono::seconds(0);
  const fs::path cache = root_ / "cache";
  found(cache);
  std::ifstream file(cache);
  const std::string kept((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(kept.find("a_spec.spl"), std::string::npos);
}

// Random edits that keep size and modification time, deletions, renames, and a clock that jumps:
// the listing with a cache is at every step the one without.
TEST_F(DiscoverTest, CachedAndUncachedListingsAreIdentical) {
  const fs::path cache = root_ / "cache";
  const fs::file_time_type same_time = fs::file_time_type::clock::now();
  std::mt19937 random(7);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  const char* texts[] = {"# @tag: aa\nit \"a\":\n",    "# @tag: bb\nit \"a\":\n",
                         "# @tag: c;\nit \"a\":\n",    "# @skip - x\nslow_it :\n",
                         "\xff# @tag: a\nit \"a\":\n", ""};
  for (int step = 0; step < 300; ++step) {
    wait_for_the_next_tick();  // the clock calls every file settled, so each edit must show in its
                               // times
    const std::string name =
        "d" + std::to_string(pick(4)) + "/f" + std::to_string(pick(8)) + "_spec.spl";
    std::error_code ignored;
    switch (pick(6)) {
      case 0:
        fs::remove(tree() / name, ignored);
        break;
      case 1:
        fs::rename(tree() / name, tree() / ("d0/f" + std::to_string(pick(8)) + "_spec.spl"),
                   ignored);
        break;
      case 2:
        fs::remove_all(tree() / ("d" + std::to_string(pick(4))), ignored);
        break;
      default:
        write(name, texts[pick(6)]);
        if (pick(2) == 0) fs::last_write_time(tree() / name, same_time, ignored);
        if (pick(8) == 0)
          fs::last_write_time(tree() / name, same_time + std::chrono::hours(pick(100) - 50),
                              ignored);
    }
    ASSERT_EQ(json_listing(found(cache)), json_listing(found())) << "step " << step;
  }
}

}  // namespace
}  // namespace specguard::spec
