// Reports for the tests of the writers: made from journal records, as the real ones are.
#pragma once

#include <string>
#include <vector>

#include "session/suite_report.h"

namespace specguard::session {

// A moment that is so many seconds after the sample session's start.
base::WallTime at_second(double seconds);

journal::SessionStarted sample_start(const std::string& id, std::uint64_t number);
journal::AttemptFinished sample_result(const std::string& test, base::Outcome outcome);

// One session, its records folded and timed as read_session() does it.
SessionRecord sample_session(std::vector<journal::Record> records);
SessionHistory sample_history(std::vector<journal::Record> records,
                              SessionState state = SessionState::kFinished);

ListedTest listed(const std::string& name);

// Four tests: one passed, one failed with examples, one that was killed, one skipped; hostile bytes
// in names and messages.
SuiteReport hostile_report();

}  // namespace specguard::session
