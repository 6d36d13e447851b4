// RerunLists: what is left of an interrupted session, in the forms that ctest itself takes.
//
//   done.txt   ctest --exclude-from-file (3.29): what passed. Always right: a name too few is a
//   test
//              run once more.
//   tests.txt  ctest --tests-from-file (3.29): what is left. Only where every selected test is
//   known,
//              or a test that never started would be forgotten.
//   index.txt  ctest -I: the numbers of what is left. Only where the whole suite was selected and
//   its
//              order is known: numbers count within a selection, and a file for another one would
//              run the wrong tests. They are right until the suite is edited.
//
// Both lists of names are read line by line, without the blanks around a name, and a '#' begins a
// comment: a name that this would change is not carried.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "journal/checkpoint.h"

namespace specguard::session {

struct RerunLists {
  std::string done;
  std::optional<std::string> tests;  // nullopt: there must be no such file
  std::optional<std::string> index;
};

// Tests with the numbers that ctest gives them in the whole suite, from 1.
using NumberedTests = std::vector<std::pair<int, std::string>>;

// `numbered`: at least all that are left; nullopt where not known.
RerunLists make_rerun_lists(const journal::Checkpoint& checkpoint,
                            const std::optional<NumberedTests>& numbered);

// ctest's LastTestsFailed.log: "2:name" a line. nullopt for anything else.
std::optional<NumberedTests> parse_failed_tests(std::string_view text);

}  // namespace specguard::session
