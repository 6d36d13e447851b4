// Reading what is mounted, and the names of our groups.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "sys/cgroup.h"
#include "sys/file.h"
#include "sys/process_sample.h"

namespace specguard::sys {
namespace {

constexpr std::uint64_t kMaxProcFileBytes = 4u << 20;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

// mountinfo writes space, tab, newline and backslash as \ooo.
std::string unescape_mount_path(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octal = [&](std::size_t at) {
      return at < text.size() && text[at] >= '0' && text[at] <= '7';
    };
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Mount {
  std::string_view type;
  std::string_view options;
  std::string root;
  std::string point;
};

// "36 35 98:0 /root /point opts shared:1 - type source superopts", proc(5).
std::optional<Mount> parse_mount(std::string_view line) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  const auto before = split(line.substr(0, dash), ' ');
  const auto after = split(line.substr(dash + 3), ' ');
  if (before.size() < 5 || after.size() < 3) return std::nullopt;
  return Mount{after[0], after[2], unescape_mount_path(before[3]), unescape_mount_path(before[4])};
}

// Where the group `path` of the hierarchy shows below a mount of `root`; empty where it does not.
std::filesystem::path below_mount(const Mount& mount, std::string_view path) {
  if (path.ends_with(" (deleted)") || path.starts_with("/..")) return {};
  if (mount.root != "/") {
    const std::string_view root = mount.root;
    if (!path.starts_with(root)) return {};
    path.remove_prefix(root.size());
    if (!path.empty() && path.front() != '/') return {};
  }
  std::string below = mount.point;
  if (path.size() > 1) below += path;
  return below;
}

struct Membership {
  std::vector<std::string_view> controllers;  // empty: version 2
  std::string_view path;
};

std::vector<Membership> parse_memberships(std::string_view text) {
  std::vector<Membership> memberships;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    memberships.push_back(
        {split(line.substr(first + 1, second - first - 1), ','), line.substr(second + 1)});
  }
  return memberships;
}

bool has_word(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <typename Number>
bool take_number(std::string_view& text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

const CgroupHierarchy* CgroupMap::unified() const {
  for (const CgroupHierarchy& hierarchy : hierarchies)
    if (hierarchy.version == 2) return &hierarchy;
  return nullptr;
}

const CgroupHierarchy* CgroupMap::v1(std::string_view controller) const {
  for (const CgroupHierarchy& hierarchy : hierarchies)
    for (const std::string& its : hierarchy.controllers)
      if (its == controller) return &hierarchy;
  return nullptr;
}

std::string_view CgroupMap::mode() const {
  const bool has_v1 = std::any_of(hierarchies.begin(), hierarchies.end(),
                                  [](const CgroupHierarchy& h) { return h.version == 1; });
  if (unified() != nullptr) return has_v1 ? "hybrid" : "v2";
  return has_v1 ? "v1" : "none";
}

CgroupMap parse_cgroup_map(std::string_view mountinfo, std::string_view self_cgroup) {
  const std::vector<Membership> memberships = parse_memberships(self_cgroup);
  CgroupMap map;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const auto mount = parse_mount(line);
    if (!mount || (mount->type != "cgroup" && mount->type != "cgroup2")) continue;
    CgroupHierarchy hierarchy{.version = mount->type == "cgroup2" ? 2 : 1,
                              .controllers = {},
                              .mount = mount->point,
                              .own = {}};
    const auto options = split(mount->options, ',');
    for (const Membership& membership : memberships) {
      const bool matches = hierarchy.version == 2
                               ? membership.controllers.empty()
                               : !membership.controllers.empty() &&
                                     has_word(options, membership.controllers.front());
      if (!matches) continue;
      hierarchy.controllers.assign(membership.controllers.begin(), membership.controllers.end());
      hierarchy.own = below_mount(*mount, membership.path);
      break;
    }
    // A second mount of one hierarchy (a bind mount in a container) adds nothing.
    const bool known = std::any_of(
        map.hierarchies.begin(), map.hierarchies.end(), [&](const CgroupHierarchy& other) {
          return other.version == hierarchy.version && other.controllers == hierarchy.controllers &&
                 !other.own.empty();
        });
    if (!known) map.hierarchies.push_back(std::move(hierarchy));
  }
  return map;
}

base::Result<CgroupMap> read_cgroup_map() {
  SPECGUARD_TRY(const std::string mounts, read_file("/proc/self/mountinfo", kMaxProcFileBytes));
  SPECGUARD_TRY(const std::string groups, read_file("/proc/self/cgroup", kMaxProcFileBytes));
  return parse_cgroup_map(mounts, groups);
}

std::string cgroup_name(const CgroupOwner& owner, std::string_view attempt_id) {
  return fmt::format("{}{}.{}.{:x}.{}", kCgroupPrefix, owner.pid, owner.start_ticks,
                     owner.pid_namespace, attempt_id.substr(0, 32));
}

std::optional<CgroupOwner> parse_cgroup_name(std::string_view name) {
  if (!name.starts_with(kCgroupPrefix)) return std::nullopt;
  name.remove_prefix(kCgroupPrefix.size());
  CgroupOwner owner;
  if (!take_number(name, owner.pid, 10) || !take_number(name, owner.start_ticks, 10) ||
      !take_number(name, owner.pid_namespace, 16) || owner.pid <= 0)
    return std::nullopt;
  return owner;
}

CgroupOwner this_cgroup_owner() {
  CgroupOwner owner{.pid = ::getpid(), .start_ticks = 0, .pid_namespace = 0};
  struct stat info {};
  if (::stat("/proc/self/ns/pid", &info) == 0) owner.pid_namespace = info.st_ino;
  if (const auto sample = sample_process(owner.pid)) owner.start_ticks = sample->start_ticks;
  return owner;
}

}  // namespace specguard::sys
