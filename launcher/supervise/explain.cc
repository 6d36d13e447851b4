#include "supervise/explain.h"

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"

namespace specguard::supervise {
namespace {

using base::Outcome;

constexpr std::size_t kMostProcesses = 16;

std::string seconds(std::chrono::microseconds time) {
  return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

std::string measurement(std::string_view name, std::string_view type, std::string_view value) {
  return fmt::format("<CTestMeasurement type=\"{}\" name=\"{}\">{}</CTestMeasurement>\n", type,
                     name, value);
}

// "(limit 512M, peak 530.1 MiB, held by cgroup2)", as far as there is something to say.
std::string proof(const base::Evidence& evidence) {
  std::string text;
  const auto add = [&](std::string_view what, const std::string& value) {
    if (!value.empty())
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, base::printable(value));
  };
  add("limit", evidence.limit);
  add("peak", evidence.peak);
  add("held by", evidence.mechanism);
  return text.empty() ? text : " (" + text + ")";
}

std::string process_lines(const base::Evidence& evidence, std::string_view what) {
  const std::vector<base::ProcessNote>& processes = evidence.killed;
  std::string text;
  for (std::size_t i = 0; i < processes.size() && i < kMostProcesses; ++i)
    text += fmt::format("test-launcher:   {} pid {}: {}\n", what, processes[i].pid,
                        base::printable(processes[i].command_line, 512));
  const std::size_t all = processes.size() + evidence.unnamed;
  if (all > kMostProcesses)
    text += fmt::format("test-launcher:   and {} more\n", all - kMostProcesses);
  return text;
}

}  // namespace

std::string explain(const base::AttemptResult& result) {
  const base::Evidence& evidence = result.evidence;
  if (result.outcome == Outcome::kSkipped)
    return fmt::format("test-launcher: skipped: {}\n", evidence.reason.empty()
                                                           ? "no reason given"
                                                           : base::printable(evidence.reason));
  std::string text;
  const bool ended_by_itself =
      result.outcome == Outcome::kPassed || result.outcome == Outcome::kFailed;
  if (!ended_by_itself || !evidence.reason.empty())
    text = fmt::format("test-launcher: {}: {}{}\n", base::outcome_name(result.outcome),
                       base::printable(evidence.reason), proof(evidence));
  if (ended_by_itself || result.outcome == Outcome::kLeaked)
    return text + process_lines(evidence, "left behind and killed:");
  return text + process_lines(evidence, "killed");
}

std::string explain_usage(const base::AttemptResult& result) {
  const base::Usage& usage = result.usage;
  std::string text =
      fmt::format("test-launcher: usage: wall {}", base::format_duration(usage.wall));
  if (usage.user_cpu) text += fmt::format(", user {}", base::format_duration(*usage.user_cpu));
  if (usage.system_cpu)
    text += fmt::format(", system {}", base::format_duration(*usage.system_cpu));
  if (usage.peak_memory_bytes)
    text += fmt::format(", peak memory {}", base::format_size(*usage.peak_memory_bytes));
  if (usage.peak_processes) text += fmt::format(", peak processes {}", *usage.peak_processes);
  if (usage.read_bytes) text += fmt::format(", read {}", base::format_size(*usage.read_bytes));
  if (usage.written_bytes)
    text += fmt::format(", written {}", base::format_size(*usage.written_bytes));
  return text + "\n";
}

std::string dashboard_measurements(const base::AttemptResult& result) {
  const base::Usage& usage = result.usage;
  std::string text =
      measurement("SpecGuard outcome", "text/string", base::outcome_name(result.outcome));
  if (usage.user_cpu && usage.system_cpu)
    text +=
        measurement("CPU time (s)", "numeric/double", seconds(*usage.user_cpu + *usage.system_cpu));
  if (usage.peak_memory_bytes)
    text += measurement("Peak memory (bytes)", "numeric/double",
                        fmt::to_string(*usage.peak_memory_bytes));
  if (usage.peak_processes)
    text += measurement("Peak processes", "numeric/double", fmt::to_string(*usage.peak_processes));
  return text;
}

}  // namespace specguard::supervise
