#include "session/selected_tests.h"

#include <filesystem>
#include <unordered_set>

#include "session/session_store.h"
#include "session/suite_listing.h"
#include "sys/file.h"

namespace specguard::session {
namespace {

namespace fs = std::filesystem;
using base::Result;
using journal::SessionKind;
using journal::StateDirectory;

constexpr std::uint64_t kMaxSuiteBytes = 1 << 30;

// The tests of a supervised session in ctest's order.
std::optional<NumberedTests> listed_tests(const StateDirectory& state, const std::string& id) {
  const auto text = sys::read_file(state.suite(id), kMaxSuiteBytes);
  const auto listing =
      text ? decode_listing(*text, "suite.json") : Result<SuiteListing>(text.error());
  if (!listing) return std::nullopt;
  NumberedTests numbered;
  for (const ListedTest& test : listing->tests)
    numbered.emplace_back(static_cast<int>(numbered.size() + 1), test.name);
  return numbered;
}

// Of a bare session that was stopped and whose ctest went on to its end: each of its tests has been
// at its launcher, and ctest's own list numbers all that failed, not run or unguarded ones too.
std::optional<NumberedTests> failed_tests(const StateDirectory& state, const std::string& id,
                                          const journal::SuiteState& session) {
  const auto& started = *session.session();
  if (started.kind != SessionKind::kBare || !stop_requested(state, id) ||
      started.ctest_end_mark == ctest_end_mark(state))
    return std::nullopt;
  const fs::path log = state.build() / "Testing" / "Temporary" / "LastTestsFailed.log";
  const auto text = sys::read_file(log, kMaxSuiteBytes);
  auto failed = text ? parse_failed_tests(*text) : std::nullopt;
  if (!failed) return std::nullopt;
  // A dashboard writes another file, and this one may be of another time.
  std::unordered_set<std::string> names;
  for (const auto& [number, name] : *failed) names.insert(name);
  for (const journal::TestState& test : session.tests())
    if (test.finished && test.result.outcome == base::Outcome::kNotRun &&
        !names.contains(test.test.name))
      return std::nullopt;
  return failed;
}

Result<void> write_list(const fs::path& path, const std::optional<std::string>& content) {
  if (content) return sys::replace_file(path, *content);
  std::error_code ignored;
  fs::remove(path, ignored);  // an older one would be wrong
  return {};
}

}  // namespace

SelectedTests selected_tests(const StateDirectory& state, const std::string& id,
                             const journal::SuiteState& session) {
  const auto& started = *session.session();
  std::optional<NumberedTests> numbered = started.kind == SessionKind::kSupervised
                                              ? listed_tests(state, id)
                                              : failed_tests(state, id, session);
  SelectedTests selected;
  if (!numbered) return selected;
  selected.names.emplace();
  for (const auto& [number, name] : *numbered) selected.names->push_back(name);
  if (started.selection.empty()) selected.numbered = std::move(numbered);
  return selected;
}

Result<void> write_rerun_files(const StateDirectory& state, const RerunLists& lists) {
  SPECGUARD_TRY_VOID(sys::make_private_directories(state.rerun()));
  SPECGUARD_TRY_VOID(sys::replace_file(state.rerun() / "done.txt", lists.done));
  SPECGUARD_TRY_VOID(write_list(state.rerun() / "tests.txt", lists.tests));
  return write_list(state.rerun() / "index.txt", lists.index);
}

}  // namespace specguard::session
