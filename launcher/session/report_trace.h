// The report as Chrome trace events, for ui.perfetto.dev and chrome://tracing: a process for each
// session of the chain, in it a row for each parallel slot.
#pragma once

#include <string>

#include "session/suite_report.h"

namespace specguard::session {

std::string report_trace(const SuiteReport& report);

}  // namespace specguard::session
