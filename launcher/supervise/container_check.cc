#include "supervise/container_check.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <string_view>

#include "base/text.h"
#include "sys/file.h"
#include "sys/identity.h"

namespace specguard::supervise {
namespace {

constexpr std::uint64_t kMaxFileBytes = 4 << 20;
constexpr double kCpuRounding = 0.011;  // engines take hundredths

std::string text_of(const char* path) {
  std::string text = sys::read_file(path, kMaxFileBytes).value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string either(const char* v2_path, const char* v1_path) {
  std::string text = text_of(v2_path);
  return text.empty() ? text_of(v1_path) : text;
}

// Calls `visit` with each line.
template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    visit(line);
  }
}

// The words of a line that starts with "Key:".
std::string_view value_of(std::string_view status, std::string_view key) {
  std::string_view found;
  for_each_line(status, [&](std::string_view line) {
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") return;
    line.remove_prefix(key.size() + 1);
    const std::size_t begin = line.find_first_not_of(" \t");
    found = begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  });
  return found;
}

bool is_zero(std::string_view digits) {
  return !digits.empty() && digits.find_first_not_of('0') == std::string_view::npos;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::string broken_privileges(const ContainerFacts& facts) {
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    if (!is_zero(value_of(facts.status, set)))
      return fmt::format("it has capabilities ({} is {})", set,
                         base::printable(value_of(facts.status, set), 32));
  if (value_of(facts.status, "NoNewPrivs") != "1") return "it can gain privileges (no_new_privs)";
  return {};
}

// Root inside is root of the machine, unless the engine is root of a user namespace only. Its map
// then says whom the kernel takes it for.
std::string broken_user(const ContainerPromise& promise, const ContainerFacts& facts) {
  const std::string_view user = value_of(facts.status, "Uid");
  if (!user.empty() && !user.starts_with("0\t")) return {};
  const auto outside = sys::user_outside(facts.user_map, 0);
  if (user.empty() || promise.root_outside == 0 || !outside || *outside == 0)
    return "its user is root";
  if (*outside == promise.root_outside) return {};
  return fmt::format("its user is user {} of the machine, not {}", *outside, promise.root_outside);
}

// mountinfo, proc(5): field 5 is the mount point, field 6 its options. The last mount on "/" is the
// one in force.
bool root_is_read_only(const std::string& mounts) {
  bool read_only = false;
  for_each_line(mounts, [&](std::string_view line) {
    std::vector<std::string_view> fields;
    while (fields.size() < 6 && !line.empty()) {
      fields.push_back(line.substr(0, line.find(' ')));
      line.remove_prefix(std::min(fields.back().size() + 1, line.size()));
    }
    if (fields.size() == 6 && fields[4] == "/")
      read_only = fields[5] == "ro" || fields[5].starts_with("ro,");
  });
  return read_only;
}

std::string foreign_interface(const std::string& network) {
  std::string found;
  for_each_line(network, [&](std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string_view name = line.substr(0, colon);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    if (name != "lo") found = base::printable(name, 32);
  });
  return found;
}

std::string broken_cpus(const ContainerPromise& promise, const ContainerFacts& facts) {
  const auto quota = number(facts.cpu_quota);
  const std::size_t space = facts.cpu_quota.find(' ');  // version 2: "quota period"
  const auto period =
      number(space == std::string::npos ? std::string_view(facts.cpu_period)
                                        : std::string_view(facts.cpu_quota).substr(space + 1));
  if (!quota || !period || *period == 0) return "CPUs are not limited";
  const double cpus = static_cast<double>(*quota) / static_cast<double>(*period);
  if (cpus <= promise.cpus + kCpuRounding) return {};
  return fmt::format("CPUs are limited to {:g}, not to {:g}", cpus, promise.cpus);
}

std::string broken_number(std::string_view what, std::uint64_t promised, const std::string& fact) {
  const auto held = number(fact);
  if (!held) return fmt::format("{} not limited", what);
  if (*held <= promised) return {};
  return fmt::format("{} limited to {}, not to {}", what, *held, promised);
}

}  // namespace

ContainerFacts read_container_facts() {
  ContainerFacts facts;
  facts.status = text_of("/proc/self/status");
  facts.user_map = text_of("/proc/self/uid_map");
  facts.mounts = text_of("/proc/self/mountinfo");
  facts.network = text_of("/proc/net/dev");
  facts.memory = either("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes");
  facts.tasks = either("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max");
  facts.cpu_quota = either("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  facts.cpu_period = text_of("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  for (const char* socket : {"/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock",
                             "/run/containerd/containerd.sock"}) {
    std::error_code ignored;
    if (std::filesystem::exists(socket, ignored)) facts.sockets.emplace_back(socket);
  }
  return facts;
}

std::string broken_isolation(const ContainerPromise& promise, const ContainerFacts& facts) {
  if (std::string broken = broken_privileges(facts); !broken.empty()) return broken;
  if (std::string broken = broken_user(promise, facts); !broken.empty()) return broken;
  if (!root_is_read_only(facts.mounts)) return "its root directory can be written";
  if (promise.own_network)
    if (const std::string interface = foreign_interface(facts.network); !interface.empty())
      return fmt::format("it has a network interface {}", interface);
  if (!facts.sockets.empty())
    return fmt::format("the engine's socket {} is inside", facts.sockets.front());
  return {};
}

std::string broken_limit(const ContainerPromise& promise, const ContainerFacts& facts) {
  if (std::string broken = broken_number("memory is", promise.memory_bytes, facts.memory);
      !broken.empty())
    return broken;
  if (std::string broken = broken_number("processes are", promise.tasks, facts.tasks);
      !broken.empty())
    return broken;
  return broken_cpus(promise, facts);
}

}  // namespace specguard::supervise
