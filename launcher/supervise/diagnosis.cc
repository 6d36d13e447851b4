#include "supervise/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/quantity.h"
#include "base/text.h"
#include "sys/bounded_command.h"
#include "sys/process_sample.h"

namespace specguard::supervise {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxStackBytes = 16 * 1024;  // of one process
constexpr std::size_t kMaxLineBytes = 300;

std::string_view state_name(char state) {
  switch (state) {
    case 'R':
      return "running";
    case 'S':
      return "sleeping";
    case 'D':
      return "in uninterruptible sleep";
    case 'T':
      return "stopped";
    case 't':
      return "stopped by a debugger";
    case 'Z':
      return "dead, not waited for by its parent";
    default:
      return "in an unknown state";
  }
}

// The faster one first. Debug information from the network is refused: it can take minutes. The
// first thread comes first, as the rest may be cut.
std::vector<std::string> debugger_command(pid_t pid) {
  const std::string number = std::to_string(pid);
  if (const auto eu_stack = sys::find_program("eu-stack"))
    return {*eu_stack, "-n", "24", "-p", number};
  if (const auto gdb = sys::find_program("gdb"))
    return {*gdb,
            "-nx",
            "-batch",
            "-iex",
            "set debuginfod enabled off",
            "-iex",
            "set auto-load off",
            "-ex",
            "thread apply all -ascending backtrace 24",
            "-p",
            number};
  return {};
}

// Only frames and thread headings; gdb's chatter about symbols is of no use to anybody.
bool is_stack_line(std::string_view line) {
  return line.starts_with('#') || line.starts_with("Thread ") || line.starts_with("TID ");
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// A debugger that may not look says so in its last line, on standard error.
std::string why_no_stack(const std::vector<std::string>& command, milliseconds time,
                         const sys::Interruption& interruption) {
  const auto output = sys::run_bounded_command(command, time, kMaxStackBytes,
                                               sys::ErrorStream::kWithOutput, interruption);
  const std::string_view last = output ? base::last_line(output->text) : std::string_view();
  return fmt::format("      (no stack: {})\n", last.empty() ? "the debugger printed none"
                                                            : base::printable(last, kMaxLineBytes));
}

std::string stack_of(pid_t pid, steady_clock::time_point end,
                     const sys::Interruption& interruption) {
  const auto left = [&] {
    return std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
  };
  const std::vector<std::string> command = debugger_command(pid);
  if (command.empty()) return {};
  if (left() <= milliseconds(0)) return "      (no stack: the time for all of them is over)\n";
  const auto output = sys::run_bounded_command(command, left(), kMaxStackBytes,
                                               sys::ErrorStream::kDropped, interruption);
  if (!output || interruption.came()) return {};
  const bool cut = output->text.size() >= kMaxStackBytes;
  std::string lines;
  bool has_frames = false;
  for (std::string_view rest = output->text; !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (cut && rest.empty()) break;  // half a line
    has_frames |= line.starts_with('#');
    if (is_stack_line(line))
      lines += fmt::format("      {}\n", base::printable(line, kMaxLineBytes));
  }
  if (cut) lines += "      (the rest was cut)\n";
  if (!output->in_time) return lines + "      (the debugger took too long and was killed)\n";
  return has_frames ? lines : why_no_stack(command, left(), interruption);
}

std::string describe(pid_t pid, const sys::ProcessSample& sample) {
  const std::string channel = sys::wait_channel_of(pid);
  std::string text = fmt::format("  pid {}: {}\n    {}", pid, sys::read_command_line(pid, 1024),
                                 state_name(sample.state));
  if (!channel.empty()) text += fmt::format(" in {}", base::printable(channel, 64));
  text += fmt::format(", CPU time {}, {} thread{}\n",
                      base::format_duration(std::chrono::microseconds(sample.cpu_us)),
                      sample.threads, sample.threads == 1 ? "" : "s");
  return text;
}

}  // namespace

std::string diagnose(std::span<const pid_t> tree, const DiagnosisLimits& limits) {
  const auto end = steady_clock::now() + limits.time;
  std::string text;
  std::size_t described = 0;
  for (const pid_t pid : tree) {
    const auto sample = sys::sample_process(pid);
    if (!sample) continue;
    if (described == limits.processes || text.size() > limits.bytes) {
      text += fmt::format("  and {} more\n", tree.size() - described);
      break;
    }
    text += describe(pid, *sample);
    if (sample->state != 'Z') text += stack_of(pid, end, limits.interruption);
    ++described;
    if (limits.interruption.came()) {
      text += "  (cut short: the launcher was asked to end, or was killed)\n";
      break;
    }
  }
  if (text.empty()) return text;
  if (debugger_command(tree.front()).empty())
    text += "  (no stacks: install eu-stack of elfutils, or gdb, and have it in PATH)\n";
  return "test-launcher: what its processes were doing:\n" + text;
}

}  // namespace specguard::supervise
