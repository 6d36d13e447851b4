// SelectedTests: what is known, when a session is settled, of all the tests that it was to run,
// those it did not come to as well; and the files that follow from it (session/rerun_lists.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/fold.h"
#include "journal/state_directory.h"
#include "session/rerun_lists.h"

namespace specguard::session {

struct SelectedTests {
  std::optional<std::vector<std::string>> names;  // nullopt: not known
  std::optional<NumberedTests> numbered;          // only where the whole suite was selected
};

// `run` notes them when it begins. Of a bare session they are known where it was stopped and its
// ctest went on to its end.
SelectedTests selected_tests(const journal::StateDirectory& state, const std::string& id,
                             const journal::SuiteState& session);

// A list that may not be there is removed.
base::Result<void> write_rerun_files(const journal::StateDirectory& state, const RerunLists& lists);

}  // namespace specguard::session
