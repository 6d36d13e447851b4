#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/quantity.h"
#include "base/text.h"
#include "sys/file.h"
#include "sys/process_survey.h"

namespace specguard::sys {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCommandBytes = 200;

std::string command_line(pid_t pid, const std::string& name) {
  auto text = read_file(fmt::format("/proc/{}/cmdline", pid), 1 << 20);
  if (!text || text->empty()) return "[" + base::printable(name) + "]";
  while (text->ends_with('\0')) text->pop_back();
  std::replace(text->begin(), text->end(), '\0', ' ');
  return base::printable(*text, kMaxCommandBytes);
}

}  // namespace

ProcessSurvey ProcessSurvey::take() {
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  ProcessSurvey survey;
  survey.at_ = base::system_clock().now();
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const auto pid = base::parse_integer(it->path().filename().string(), 1, INT32_MAX);
    if (!pid) continue;
    const auto stat = read_file(it->path() / "stat", 4096);
    if (!stat) continue;  // it has ended meanwhile
    // pid (name) state ppid ...; the name may hold spaces and parentheses.
    const std::size_t open = stat->find('(');
    const std::size_t close = stat->rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) continue;
    std::istringstream fields(stat->substr(close + 1));
    std::string skipped;
    std::uint64_t user = 0, system = 0, start = 0, resident_pages = 0;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    fields >> user >> system;
    for (int field = 16; field < 22; ++field) fields >> skipped;
    fields >> start >> skipped >> resident_pages;
    if (!fields) continue;
    survey.entries_[static_cast<pid_t>(*pid)] = {.start_ticks = start,
                                                 .cpu_ticks = user + system,
                                                 .resident_bytes = resident_pages * page_bytes,
                                                 .name = stat->substr(open + 1, close - open - 1)};
  }
  return survey;
}

ProcessUse ProcessSurvey::describe(pid_t pid, const Entry& entry) const {
  return {.pid = pid,
          .command_line = command_line(pid, entry.name),
          .cpu_percent = 0,
          .resident_bytes = entry.resident_bytes};
}

std::vector<ProcessUse> ProcessSurvey::top_cpu_since(const ProcessSurvey& earlier,
                                                     std::size_t count) const {
  const double seconds = std::chrono::duration<double>(at_ - earlier.at_).count();
  if (seconds <= 0) return {};
  std::vector<std::pair<std::uint64_t, pid_t>> used;
  for (const auto& [pid, entry] : entries_) {
    const auto before = earlier.entries_.find(pid);
    const bool known =
        before != earlier.entries_.end() && before->second.start_ticks == entry.start_ticks;
    const std::uint64_t then = known ? before->second.cpu_ticks : 0;
    if (entry.cpu_ticks > then) used.emplace_back(entry.cpu_ticks - then, pid);
  }
  std::sort(used.rbegin(), used.rend());
  if (used.size() > count) used.resize(count);
  std::vector<ProcessUse> top;
  for (const auto& [ticks, pid] : used) {
    top.push_back(describe(pid, entries_.at(pid)));
    top.back().cpu_percent =
        100.0 * static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK)) / seconds;
  }
  return top;
}

std::vector<ProcessUse> ProcessSurvey::top_memory(std::size_t count) const {
  std::vector<std::pair<std::uint64_t, pid_t>> used;
  for (const auto& [pid, entry] : entries_)
    if (entry.resident_bytes > 0) used.emplace_back(entry.resident_bytes, pid);
  std::sort(used.rbegin(), used.rend());
  if (used.size() > count) used.resize(count);
  std::vector<ProcessUse> top;
  for (const auto& [bytes, pid] : used) top.push_back(describe(pid, entries_.at(pid)));
  return top;
}

}  // namespace specguard::sys
