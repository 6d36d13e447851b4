// One group of our making: files in it, processes in it, its end; and finding such groups again.
#include "sys/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <thread>
#include <utility>

#include "sys/file.h"
#include "sys/process.h"

namespace specguard::sys {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Result;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRemovalLimit{2000};
constexpr std::size_t kMaxListBytes = 16u << 20;
constexpr std::size_t kKillBatch = 256;  // pidfds held at once
constexpr int kMaxDepth = 32;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

// Calls `visit` with the groups directly below, by name.
template <typename Visit>
void for_each_child(const fs::path& group, const Visit& visit) {
  const Directory directory(::opendir(group.c_str()));
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    // Kernel file systems tell the type; every file of a group is a regular file.
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') visit(std::string(entry->d_name));
  }
}

// The group's own and those of all groups below; 0 stands for a process of another pid namespace.
void collect_processes(const fs::path& group, std::vector<pid_t>& pids, int depth) {
  if (const auto list = read_file(group / "cgroup.procs", kMaxListBytes)) {
    std::string_view text = *list;
    while (!text.empty()) {
      pid_t pid = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
      if (error != std::errc{}) break;
      if (pid > 0) pids.push_back(pid);
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      if (!text.empty()) text.remove_prefix(1);
    }
  }
  if (depth == 0) return;
  for_each_child(
      group, [&](const std::string& name) { collect_processes(group / name, pids, depth - 1); });
}

// Deepest first. False where a group is still in use.
bool remove_tree(const fs::path& group, int depth) {
  if (depth > 0)
    for_each_child(group, [&](const std::string& name) { remove_tree(group / name, depth - 1); });
  return ::rmdir(group.c_str()) == 0 || errno == ENOENT;
}

void write_tree(const fs::path& group, const char* file, std::string_view value, int depth) {
  const UniqueFd fd(::open((group / file).c_str(), O_WRONLY | O_CLOEXEC));
  if (fd) (void)!::write(fd.get(), value.data(), value.size());
  if (depth == 0) return;
  for_each_child(
      group, [&](const std::string& name) { write_tree(group / name, file, value, depth - 1); });
}

void find_below(const fs::path& group, int depth, std::vector<FoundCgroup>& found) {
  for_each_child(group, [&](const std::string& name) {
    if (depth > 0) find_below(group / name, depth - 1, found);
    if (const auto owner = parse_cgroup_name(name)) found.push_back({group / name, *owner});
  });
}

}  // namespace

Result<Cgroup> Cgroup::create(const fs::path& parent, std::string_view name) {
  fs::path path = parent / name;
  if (::mkdir(path.c_str(), 0755) != 0)
    return Error::from_errno(fmt::format("create control group {}", path.string()), errno);
  auto adopted = adopt(path);
  if (!adopted) ::rmdir(path.c_str());
  return adopted;
}

Result<Cgroup> Cgroup::adopt(const fs::path& path) {
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory)
    return Error::from_errno(fmt::format("open control group {}", path.string()), errno);
  return Cgroup(path, std::move(directory));
}

Cgroup::~Cgroup() {
  if (!directory_) return;  // moved from
  // The quick way: an attempt that ended well leaves an empty group.
  if (::rmdir(path_.c_str()) == 0 || errno == ENOENT) return;
  const auto end = steady_clock::now() + kRemovalLimit;
  kill_all(kRemovalLimit);
  // A process that is dying still occupies the group for a moment.
  while (!remove_tree(path_, kMaxDepth) && steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

Result<void> Cgroup::write(const char* file, std::string_view value) const {
  const UniqueFd fd(::openat(directory_.get(), file, O_WRONLY | O_CLOEXEC));
  if (fd && ::write(fd.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size()))
    return {};
  return Error::from_errno(fmt::format("write {} to {}", value, (path_ / file).string()), errno);
}

std::optional<std::string> Cgroup::read(const char* file) const {
  const UniqueFd fd(::openat(directory_.get(), file, O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::array<char, 4096> buffer;
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got < 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

std::optional<std::uint64_t> Cgroup::read_number(const char* file) const {
  const auto text = read(file);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  if (std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{})
    return std::nullopt;
  return number;
}

std::optional<std::uint64_t> Cgroup::read_keyed(const char* file, std::string_view key) const {
  const auto text = read(file);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') continue;
    const std::string_view value = line.substr(key.size() + 1);
    std::uint64_t number = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc{})
      return number;
  }
  return std::nullopt;
}

void Cgroup::write_below(const char* file, std::string_view value) const {
  write_tree(path_, file, value, kMaxDepth);
}

bool Cgroup::has(const char* file) const {
  return ::faccessat(directory_.get(), file, F_OK, 0) == 0;
}

Result<int> Cgroup::open_to_join() {
  join_.reset(::openat(directory_.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
  if (!join_)
    return Error::from_errno(fmt::format("open {}", (path_ / "cgroup.procs").string()), errno);
  return join_.get();
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> pids;
  collect_processes(path_, pids, kMaxDepth);
  return pids;
}

// A pid is signalled only where the group holds it before and after its pidfd was opened, so that
// the number cannot have come to mean a process outside.
void Cgroup::kill_once() const {
  const std::vector<pid_t> before = processes();
  for (std::size_t at = 0; at < before.size(); at += kKillBatch) {
    std::vector<std::pair<pid_t, PidFd>> held;
    for (std::size_t i = at; i < std::min(at + kKillBatch, before.size()); ++i)
      if (auto process = before[i] == ::getpid() ? std::nullopt : PidFd::open(before[i]))
        held.emplace_back(before[i], std::move(*process));
    std::vector<pid_t> after = processes();
    std::sort(after.begin(), after.end());
    for (const auto& [pid, process] : held)
      if (std::binary_search(after.begin(), after.end(), pid)) process.send(SIGKILL);
  }
}

bool Cgroup::kill_all(std::chrono::milliseconds limit) const {
  const auto end = steady_clock::now() + limit;
  auto pause = std::chrono::microseconds(100);
  const bool at_once = has("cgroup.kill");
  for (;;) {
    if (processes().empty()) return true;
    if (!at_once || !write("cgroup.kill", "1")) kill_once();
    if (steady_clock::now() >= end) return processes().empty();
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(5000));
  }
}

void CgroupSet::refuse_all(const CgroupWishes& wishes, const std::string& why) {
  if (wishes.memory_bytes) refuse("memory", why);
  if (wishes.pids) refuse("pids", why);
  if (wishes.cpus) refuse("cpus", why);
  if (wishes.cpu_usage) refuse("cpu-time", why);
}

std::vector<FoundCgroup> find_our_cgroups(const CgroupMap& map) {
  std::vector<FoundCgroup> found;
  for (const CgroupHierarchy& hierarchy : map.hierarchies)
    find_below(hierarchy.mount, kMaxDepth, found);
  return found;
}

}  // namespace specguard::sys
