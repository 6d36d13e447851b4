#include "session/bare_ctest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "sys/file.h"
#include "sys/process.h"
#include "sys/process_control.h"
#include "sys/process_key.h"

namespace specguard::session {
namespace {

constexpr int kMaxAncestors = 64;
constexpr std::uint64_t kMaxCommandLineBytes = 4 << 20;

constexpr std::string_view kStopOnFailure = "--stop-on-failure";

// Options that choose tests, or leave some out. Some have a value: the next word, or behind a '='.
constexpr std::array<std::string_view, 24> kChoosing = {"-R",
                                                        "-E",
                                                        "-L",
                                                        "-LE",
                                                        "-I",
                                                        "-FA",
                                                        "-FS",
                                                        "-FC",
                                                        "-C",
                                                        "-S",
                                                        "--tests-regex",
                                                        "--exclude-regex",
                                                        "--label-regex",
                                                        "--label-exclude",
                                                        "--tests-information",
                                                        "--fixture-exclude-any",
                                                        "--fixture-exclude-setup",
                                                        "--fixture-exclude-cleanup",
                                                        "--build-config",
                                                        "--tests-from-file",
                                                        "--exclude-from-file",
                                                        "--script",
                                                        "--preset",
                                                        "--resource-spec-file"};
constexpr std::array<std::string_view, 4> kChoosingAlone = {"-U", "--union", "-F", kStopOnFailure};

template <std::size_t kCount>
bool is_one_of(const std::array<std::string_view, kCount>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A list that we wrote, given back to us.
bool is_our_list(std::string_view value) {
  return value.find("SpecGuard/rerun/") != std::string_view::npos;
}

std::vector<std::string> split_at_nul(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

std::string BareCtest::session_id() const {
  return fmt::format("ctest-{}-{}-{}", process.pid, process.start_ticks, process.boot.substr(0, 8));
}

std::optional<BareCtest> find_ctest() {
  pid_t pid = sys::parent_pid();
  for (int i = 0; i < kMaxAncestors && pid > 1; ++i) {
    const auto stat = sys::read_process_stat(pid);
    // Programs may carry a version: ctest3, ctest-3.31.
    if (!stat || stat->name == "test-launcher") return std::nullopt;
    if (stat->name.starts_with("ctest")) {
      if (stat->is_dead()) return std::nullopt;
      const auto line = sys::read_file(fmt::format("/proc/{}/cmdline", pid), kMaxCommandLineBytes);
      return BareCtest{{pid, stat->start_ticks, sys::boot_id(), sys::pid_namespace()},
                       line ? split_at_nul(*line) : std::vector<std::string>{}};
    }
    pid = stat->parent;
  }
  return std::nullopt;
}

CtestRequest read_ctest_arguments(const std::vector<std::string>& arguments) {
  CtestRequest request;
  const auto add = [&](std::string_view word) {
    if (!request.selection.empty()) request.selection += ' ';
    request.selection += word;
  };
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const std::string_view option = std::string_view(word).substr(0, word.find('='));
    if (word == "--rerun-failed") request.picks_up = true;
    if (word == "--rerun-failed" || is_one_of(kChoosingAlone, word)) add(word);
    if (!is_one_of(kChoosing, option)) continue;
    add(word);
    if (option == word && i + 1 < arguments.size()) add(arguments[++i]);
    if (is_our_list(arguments[i])) request.picks_up = true;
  }
  return request;
}

bool stops_on_failure(std::string_view selection) {
  return selection.find(kStopOnFailure) != std::string_view::npos;
}

bool writes_test_xml(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 8> kDashboard = {
      "-T", "--test-action", "-D", "--dashboard", "-S", "-SP", "--script", "--script-new-process"};
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& word) {
    return is_one_of(kDashboard, std::string_view(word).substr(0, word.find('=')));
  });
}

}  // namespace specguard::session
