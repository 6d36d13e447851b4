#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "base/quantity.h"
#include "sys/file.h"
#include "sys/resource_bound.h"

namespace specguard::sys {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 4 << 20;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

bool has_word(std::string_view comma_separated, std::string_view word) {
  for (const std::string_view part : split(comma_separated, ','))
    if (part == word) return true;
  return false;
}

// mountinfo writes space, tab, newline and backslash of a path as three octal digits.
std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octal = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

// The first number of a file; nullopt for "max", for nonsense and where there is no file.
std::optional<std::uint64_t> read_number(const fs::path& path) {
  const auto text = read_file(path, kMaxFileBytes);
  if (!text) return std::nullopt;
  const std::string_view first = split(split(*text, '\n').front(), ' ').front();
  const auto number = base::parse_integer(first, 0, INT64_MAX);
  if (!number) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

// The directories of this process's group and of every group above it, nearest first, and the
// group's name below the mount.
struct Hierarchy {
  std::vector<fs::path> directories;
  std::string group;
};

std::optional<Hierarchy> find_hierarchy(const fs::path& root, std::string_view controller) {
  const auto mountinfo = read_file(root / "proc/self/mountinfo", kMaxFileBytes);
  const auto cgroup = read_file(root / "proc/self/cgroup", kMaxFileBytes);
  if (!mountinfo || !cgroup) return std::nullopt;
  const auto mount = parse_cgroup_mount(*mountinfo, controller);
  const auto path = parse_cgroup_path(*cgroup, controller);
  if (!mount || !path) return std::nullopt;

  // In a container without a cgroup namespace the path is seen from the host, and the mount shows
  // only the part below mount->root. A path outside of it means that the mount is the group itself.
  std::string_view below = *path;
  if (mount->root != "/") {
    if (below == mount->root || below.starts_with(mount->root + "/"))
      below.remove_prefix(mount->root.size());
    else
      below = "";
  }
  while (below.starts_with('/')) below.remove_prefix(1);

  const fs::path top = root / fs::path(mount->mount_point).relative_path();
  Hierarchy hierarchy{.directories = {}, .group = "/" + std::string(below)};
  for (fs::path at(below); at.has_relative_path(); at = at.parent_path())
    hierarchy.directories.push_back(top / at);
  hierarchy.directories.push_back(top);
  return hierarchy;
}

std::optional<MemoryBound> find_memory(const Hierarchy& hierarchy, bool version_2,
                                       std::uint64_t machine_bytes) {
  std::optional<MemoryBound> tightest;
  for (const fs::path& directory : hierarchy.directories) {
    const auto limit =
        read_number(directory / (version_2 ? "memory.max" : "memory.limit_in_bytes"));
    if (!limit || *limit == 0 || *limit >= (tightest ? tightest->limit_bytes : machine_bytes))
      continue;
    tightest = MemoryBound{
        .limit_bytes = *limit,
        .usage_file = directory / (version_2 ? "memory.current" : "memory.usage_in_bytes"),
        .stat_file = directory / "memory.stat",
        .inactive_key = version_2 ? "inactive_file " : "total_inactive_file "};
  }
  return tightest;
}

std::optional<CpuBound> find_cpu_2(const Hierarchy& hierarchy, double machine_cpus) {
  std::optional<CpuBound> tightest;
  for (const fs::path& directory : hierarchy.directories) {
    const auto text = read_file(directory / "cpu.max", kMaxFileBytes);
    if (!text) continue;
    const auto words = split(split(*text, '\n').front(), ' ');
    if (words.size() != 2) continue;
    const auto quota = base::parse_integer(words[0], 1, INT64_MAX);  // "max" is no number
    const auto period = base::parse_integer(words[1], 1, INT64_MAX);
    if (!quota || !period) continue;
    const double cpus = static_cast<double>(*quota) / static_cast<double>(*period);
    if (cpus >= (tightest ? tightest->cpus : machine_cpus)) continue;
    tightest = CpuBound{.cpus = cpus, .usage_file = directory / "cpu.stat", .usage_is_stat = true};
  }
  return tightest;
}

// Version 1 keeps the quota in `cpu` and the use in `cpuacct`. They are usually one mount; where
// they are two and the process is in different groups of them, the use of the limited group cannot
// be read, and the machine's CPU use is what is left.
std::optional<CpuBound> find_cpu_1(const fs::path& root, double machine_cpus) {
  const auto quota_side = find_hierarchy(root, "cpu");
  const auto usage_side = find_hierarchy(root, "cpuacct");
  if (!quota_side || !usage_side || quota_side->group != usage_side->group) return std::nullopt;
  std::optional<CpuBound> tightest;
  for (std::size_t i = 0; i < quota_side->directories.size(); ++i) {
    const auto quota = read_number(quota_side->directories[i] / "cpu.cfs_quota_us");  // -1: none
    const auto period = read_number(quota_side->directories[i] / "cpu.cfs_period_us");
    if (!quota || !period || *quota == 0 || *period == 0) continue;
    const double cpus = static_cast<double>(*quota) / static_cast<double>(*period);
    if (cpus >= (tightest ? tightest->cpus : machine_cpus)) continue;
    tightest = CpuBound{.cpus = cpus,
                        .usage_file = usage_side->directories[i] / "cpuacct.usage",
                        .usage_is_stat = false};
  }
  return tightest;
}

}  // namespace

std::optional<CgroupMount> parse_cgroup_mount(std::string_view mountinfo,
                                              std::string_view controller) {
  for (const std::string_view line : split(mountinfo, '\n')) {
    // 36 35 98:0 /root /mount/point rw,noatime shared:1 - cgroup cgroup rw,memory
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto left = split(line.substr(0, dash), ' ');
    const auto right = split(line.substr(dash + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    const bool matches = controller.empty()
                             ? right[0] == "cgroup2"
                             : right[0] == "cgroup" && has_word(right[2], controller);
    if (matches) return CgroupMount{.root = unescape(left[3]), .mount_point = unescape(left[4])};
  }
  return std::nullopt;
}

std::optional<std::string> parse_cgroup_path(std::string_view cgroup, std::string_view controller) {
  for (const std::string_view line : split(cgroup, '\n')) {
    // 4:memory:/a/b or, for version 2, 0::/a/b; a path may hold a colon.
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view names = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? names.empty() : has_word(names, controller))
      return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

ResourceBound find_resource_bound(const fs::path& root, std::uint64_t machine_memory_bytes,
                                  double machine_cpus) {
  ResourceBound bound;
  if (const auto unified = find_hierarchy(root, "")) {
    bound.memory = find_memory(*unified, true, machine_memory_bytes);
    bound.cpu = find_cpu_2(*unified, machine_cpus);
    if (bound.memory || bound.cpu) bound.group = unified->group;
  }
  // A hybrid machine has both versions, and its controllers are in version 1.
  if (!bound.memory) {
    if (const auto memory = find_hierarchy(root, "memory")) {
      bound.memory = find_memory(*memory, false, machine_memory_bytes);
      if (bound.memory) bound.group = memory->group;
    }
  }
  if (!bound.cpu) {
    bound.cpu = find_cpu_1(root, machine_cpus);
    if (bound.cpu && bound.group.empty()) bound.group = find_hierarchy(root, "cpu")->group;
  }
  return bound;
}

}  // namespace specguard::sys
