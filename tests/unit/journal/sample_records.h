// A small journal with one record of each kind, hostile names among them.
#pragma once

#include <string>
#include <vector>

#include "journal/record.h"

namespace specguard::journal {

std::vector<Record> sample_records();

AttemptStarted started(const std::string& test, const std::string& attempt);
AttemptFinished finished(const std::string& test, const std::string& attempt, base::Outcome outcome,
                         Origin origin = Origin::kRun);

}  // namespace specguard::journal
