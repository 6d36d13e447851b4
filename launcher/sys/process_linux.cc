#include "sys/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/text.h"
#include "sys/file.h"
#include "sys/syscalls.h"

namespace specguard::sys {
namespace {

// Reads a file of /proc into the buffer, as far as it fits.
std::string_view read_proc_file(const char* path, std::span<char> buffer) {
  const UniqueFd fd(calls().open(path, O_RDONLY));
  if (!fd) return {};
  std::size_t used = 0;
  while (used < buffer.size()) {
    const ssize_t got = calls().read(fd.get(), buffer.data() + used, buffer.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    used += static_cast<std::size_t>(got);
  }
  return {buffer.data(), used};
}

using ProcPath = std::array<char, 64>;

ProcPath proc_path(pid_t pid, const char* name) {
  ProcPath path{};
  fmt::format_to_n(path.data(), path.size() - 1, "/proc/{}/{}", pid, name);
  return path;
}

// Takes the next blank-separated number off the front of text.
template <typename Number>
Number take_number(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{} ? number : Number{};
}

void skip_fields(std::string_view& text, int count) {
  for (int i = 0; i < count; ++i) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.front() != ' ') text.remove_prefix(1);
  }
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

// The entries of a directory that are numbers: processes of /proc, threads of /proc/<pid>/task.
std::vector<pid_t> numbered_entries(const char* path) {
  std::vector<pid_t> numbers;
  const Directory directory(::opendir(path));
  if (!directory) return numbers;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    pid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc{} && end == name.data() + name.size()) numbers.push_back(number);
  }
  return numbers;
}

void append_children_of_thread(pid_t pid, pid_t thread, std::vector<pid_t>& children) {
  std::array<char, 64> path{};
  fmt::format_to_n(path.data(), path.size() - 1, "/proc/{}/task/{}/children", pid, thread);
  std::string list(4096, '\0');
  std::string_view text;
  for (;;) {  // a fork bomb's list outgrows any fixed buffer
    text = read_proc_file(path.data(), list);
    if (text.size() < list.size()) break;
    list.resize(list.size() * 4);
  }
  while (text.find_first_of("0123456789") != std::string_view::npos) {
    const auto child = take_number<pid_t>(text);
    if (child <= 0) break;
    children.push_back(child);
  }
}

}  // namespace

std::optional<ProcessStat> read_process_stat(pid_t pid) {
  std::array<char, 1024> buffer;
  std::string_view text = read_proc_file(proc_path(pid, "stat").data(), buffer);
  // The name stands in parentheses and may hold any byte, parentheses too: the last one ends it.
  const std::size_t name_begin = text.find('(');
  const std::size_t name_end = text.rfind(')');
  if (name_begin == std::string_view::npos || name_end == std::string_view::npos ||
      name_end + 2 >= text.size())
    return std::nullopt;
  ProcessStat stat;
  stat.pid = pid;
  stat.name = text.substr(name_begin + 1, name_end - name_begin - 1);
  text.remove_prefix(name_end + 2);
  stat.state = text.front();
  text.remove_prefix(1);
  stat.parent = take_number<pid_t>(text);
  stat.group = take_number<pid_t>(text);
  stat.session = take_number<pid_t>(text);
  skip_fields(text, 7);  // tty tpgid flags minflt cminflt majflt cmajflt
  stat.user_ticks = take_number<std::uint64_t>(text);
  stat.system_ticks = take_number<std::uint64_t>(text);
  skip_fields(text, 6);  // cutime cstime priority nice num_threads itrealvalue
  stat.start_ticks = take_number<std::uint64_t>(text);
  skip_fields(text, 1);  // vsize
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  stat.resident_bytes = take_number<std::uint64_t>(text) * page_bytes;
  return stat;
}

bool is_gone(pid_t pid) {
  return calls().kill(pid, 0) != 0 && errno == ESRCH;
}

std::string read_command_line(pid_t pid, std::size_t max_bytes) {
  std::string buffer(max_bytes, '\0');
  const std::size_t length = read_proc_file(proc_path(pid, "cmdline").data(), buffer).size();
  buffer.resize(length);
  while (!buffer.empty() && buffer.back() == '\0') buffer.pop_back();
  for (char& c : buffer)
    if (c == '\0') c = ' ';
  if (!buffer.empty()) return base::printable(buffer, max_bytes);
  const auto stat = read_process_stat(pid);
  return stat ? fmt::format("[{}]", base::printable(stat->name)) : "[gone]";
}

std::vector<std::string> environment_of(pid_t pid) {
  constexpr std::uint64_t kMaxEnvironmentBytes = 4u << 20;
  std::vector<std::string> entries;
  const auto text = read_file(proc_path(pid, "environ").data(), kMaxEnvironmentBytes);
  if (!text) return entries;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    if (!entry.empty()) entries.emplace_back(entry);
  }
  return entries;
}

std::vector<pid_t> all_processes() {
  return numbered_entries("/proc");
}

pid_t newest_pid() {
  std::array<char, 128> buffer;
  std::string_view text = read_proc_file("/proc/loadavg", buffer);
  skip_fields(text, 4);
  return take_number<pid_t>(text);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const pid_t thread : numbered_entries(proc_path(pid, "task").data()))
    append_children_of_thread(pid, thread, children);
  return children;
}

std::vector<pid_t> descendants_of(pid_t root) {
  std::vector<pid_t> found = children_of(root);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::vector<pid_t> children = children_of(found[i]);
    found.insert(found.end(), children.begin(), children.end());
  }
  return found;
}

void kill_process_group(pid_t group) {
  // 1 would mean everybody (kill(2), of -1), 0 the caller's own.
  if (group > 1) calls().kill(-group, SIGKILL);
}

pid_t own_process_group() {
  return ::getpgrp();
}

pid_t own_session() {
  return ::getsid(0);
}

std::optional<PidFd> PidFd::open(pid_t pid) {
  UniqueFd fd(calls().pidfd_open(pid));
  if (!fd && errno == ESRCH) return std::nullopt;
  return PidFd(std::move(fd), pid);
}

bool PidFd::send(int signal) const {
  if (fd_) {
    if (calls().pidfd_send_signal(fd_.get(), signal) == 0) return true;
    if (errno == ESRCH) return false;
  }
  const auto stat = read_process_stat(pid_);
  return stat && stat->parent == ::getpid() && calls().kill(pid_, signal) == 0;
}

}  // namespace specguard::sys
