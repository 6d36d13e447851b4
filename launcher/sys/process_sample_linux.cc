#include "sys/process_sample.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "sys/fd.h"

namespace specguard::sys {
namespace {

// A file of /proc/PID in a buffer of fixed size; what does not fit is cut. nullopt: gone, or not
// for us.
template <std::size_t kBytes>
std::optional<std::string_view> read_proc(pid_t pid, const char* name,
                                          std::array<char, kBytes>& buffer) {
  std::array<char, 64> path;
  *fmt::format_to_n(path.data(), path.size() - 1, "/proc/{}/{}", pid, name).out = '\0';
  const UniqueFd fd(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::size_t used = 0;
  while (used < buffer.size()) {
    const ssize_t got = ::read(fd.get(), buffer.data() + used, buffer.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;  // ESRCH: it ended between open and read
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  return std::string_view(buffer.data(), used);
}

std::uint64_t number_at(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The value of "Name:   123 kB" in bytes; 0 where there is no such line.
std::uint64_t kilobytes_of(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  return at == std::string_view::npos ? 0 : number_at(text.substr(at + name.size())) * 1024;
}

// Field `index` (as proc(5) counts) of a stat line, index 3 being the first after the name, which
// may itself hold spaces and parentheses.
std::string_view stat_field(std::string_view stat, int index) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > stat.size()) return {};
  std::string_view rest = stat.substr(name_end + 2);
  for (int at = 3; at < index; ++at) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return {};
    rest.remove_prefix(space + 1);
  }
  return rest.substr(0, rest.find(' '));
}

std::uint64_t ticks_to_us(std::uint64_t ticks) {
  static const auto per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return ticks * 1'000'000 / per_second;
}

}  // namespace

std::optional<ProcessSample> sample_process(pid_t pid) {
  std::array<char, 1024> stat_buffer;
  const auto stat = read_proc(pid, "stat", stat_buffer);
  if (!stat || stat_field(*stat, 3).empty()) return std::nullopt;
  ProcessSample sample;
  sample.state = stat_field(*stat, 3).front();
  sample.parent = static_cast<pid_t>(number_at(stat_field(*stat, 4)));
  sample.threads = number_at(stat_field(*stat, 20));
  sample.start_ticks = number_at(stat_field(*stat, 22));
  sample.cpu_us = ticks_to_us(number_at(stat_field(*stat, 14)) + number_at(stat_field(*stat, 15)));
  sample.waited_cpu_us =
      ticks_to_us(number_at(stat_field(*stat, 16)) + number_at(stat_field(*stat, 17)));
  if (sample.state == 'Z' || sample.state == 'X') return sample;

  std::array<char, 4096> status_buffer;
  if (const auto status = read_proc(pid, "status", status_buffer)) {
    sample.private_bytes = kilobytes_of(*status, "RssAnon:") + kilobytes_of(*status, "VmSwap:");
    sample.shared_bytes = kilobytes_of(*status, "RssShmem:");
  }
  return sample;
}

std::optional<std::uint64_t> proportional_bytes(pid_t pid) {
  std::array<char, 4096> buffer;
  const auto rollup = read_proc(pid, "smaps_rollup", buffer);
  if (!rollup || rollup->find("Pss_Anon:") == std::string_view::npos) return std::nullopt;
  return kilobytes_of(*rollup, "Pss_Anon:") + kilobytes_of(*rollup, "Pss_Shmem:") +
         kilobytes_of(*rollup, "SwapPss:");
}

std::string wait_channel_of(pid_t pid) {
  std::array<char, 128> buffer;
  const auto channel = read_proc(pid, "wchan", buffer);
  return channel && *channel != "0" ? std::string(*channel) : std::string();
}

std::string system_call_of(pid_t pid) {
  std::array<char, 256> buffer;
  const auto call = read_proc(pid, "syscall", buffer);
  if (!call) return {};
  const std::string_view word = call->substr(0, call->find_first_of(" \n"));
  return std::string(word);
}

}  // namespace specguard::sys
