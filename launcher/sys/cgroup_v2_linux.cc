// The group of an attempt in version 2: one directory, once the controllers are enabled above it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <optional>
#include <thread>

#include "sys/cgroup.h"
#include "sys/file.h"

namespace specguard::sys {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Result;

constexpr std::uint64_t kMaxFileBytes = 16u << 20;
constexpr int kSplitAttempts = 50;

std::string read_or_empty(const fs::path& path) {
  return read_file(path, kMaxFileBytes).value_or("");
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || words[at - 1] == ' ';
    if (begins && (end == words.size() || words[end] == ' ' || words[end] == '\n')) return true;
  }
  return false;
}

int write_file(const fs::path& path, std::string_view value) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno;
  return ::write(fd.get(), value.data(), value.size()) < 0 ? errno : 0;
}

bool has_delegate_mark(const fs::path& group) {
  // systemd marks what it has handed over (systemd.resource-control(5), Delegate=).
  for (const char* name : {"user.delegate", "trusted.delegate"}) {
    char value = '0';
    if (::getxattr(group.c_str(), name, &value, 1) == 1 && value == '1') return true;
  }
  return false;
}

// Whether we may move the processes of our own group into a leaf below it: the group was handed to
// us as a whole, by systemd, by chown to this ordinary user, by a launcher around this one, or as
// the root of a container. A group of a system service, or of a login, is somebody else's.
bool is_delegated(const CgroupHierarchy& hierarchy, const fs::path& group) {
  if (group.filename().string().starts_with(kCgroupPrefix)) return true;
  if (has_delegate_mark(group)) return true;
  struct stat info {};
  if (::stat(group.c_str(), &info) == 0 && info.st_uid != 0 && info.st_uid == ::geteuid())
    return true;
  return group == hierarchy.mount;  // of a container: the true root needs no split
}

// Moves every process of the group into a leaf, so that controllers can be enabled for the groups
// beside that leaf ("no internal processes", cgroup-v2.rst). Another launcher may do the same at
// this moment, and processes may fork meanwhile: hence the rounds.
Result<void> split_own_group(const fs::path& group, std::string_view controllers) {
  const fs::path leaf = group / kCgroupLeaf;
  if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST)
    return Error::from_errno(fmt::format("create control group {}", leaf.string()), errno);
  int error = EBUSY;
  for (int round = 0; round < kSplitAttempts && error == EBUSY; ++round) {
    std::string list = read_or_empty(group / "cgroup.procs");
    for (std::string_view rest = list; !rest.empty();) {
      const std::string_view pid = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(pid.size() + 1, rest.size()));
      if (pid == "0") continue;  // of a pid namespace above ours: it cannot be named
      (void)write_file(leaf / "cgroup.procs", pid);  // ESRCH: it has ended
    }
    error = write_file(group / "cgroup.subtree_control", controllers);
    if (error == EBUSY) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (error == 0) return {};
  return Error::from_errno(
      fmt::format("enable {} in {}", controllers, (group / "cgroup.subtree_control").string()),
      error);
}

// The group below which ours is made: our own, or, where that has been split, the one split.
fs::path parent_for_groups(const CgroupHierarchy& hierarchy) {
  return hierarchy.own.filename() == kCgroupLeaf ? hierarchy.own.parent_path() : hierarchy.own;
}

// The root of the whole tree has no type, and may hold processes beside groups.
bool is_root(const fs::path& group) {
  return ::access((group / "cgroup.type").c_str(), F_OK) != 0;
}

// Makes a controller work in the groups below the parent. Never while the parent itself holds
// processes: the kernel refuses that for memory and io, but lets cpu and pids through and turns the
// group into a threaded one, below which no process can be put any more (cgroup-v2.rst, "Threads").
Result<void> enable_controller(const CgroupHierarchy& hierarchy, const fs::path& parent,
                               std::string_view controller) {
  if (!has_word(read_or_empty(parent / "cgroup.controllers"), controller))
    return Error(fmt::format("{} has no {} controller", parent.string(), controller));
  if (has_word(read_or_empty(parent / "cgroup.subtree_control"), controller)) return {};
  const std::string wanted = fmt::format("+{}", controller);
  const std::string what = fmt::format("enable {} below {}", controller, parent.string());
  if (is_root(parent) || read_or_empty(parent / "cgroup.procs").empty()) {
    const int error = write_file(parent / "cgroup.subtree_control", wanted);
    if (error == 0) return {};
    if (error != EBUSY) return Error::from_errno(what, error);
  }
  if (!is_delegated(hierarchy, parent))
    return Error(what + ": it holds processes, and was not delegated to us");
  return split_own_group(parent, wanted);
}

class V2Set final : public CgroupSet {
 public:
  void grant(const CgroupHierarchy* unified, std::string_view name, const CgroupWishes& wishes);

  CgroupFacts facts() const override;
  bool kill_all() override { return group_ && group_->kill_all(kCgroupKillLimit); }

 private:
  Result<void> make_group(const fs::path& parent, std::string_view name);
  Result<void> limit_memory(std::uint64_t bytes);
  Result<void> limit_cpus(double cpus);

  std::optional<Cgroup> group_;
};

Result<void> V2Set::make_group(const fs::path& parent, std::string_view name) {
  SPECGUARD_TRY(Cgroup made, Cgroup::create(parent, name));
  if (read_or_empty(made.path() / "cgroup.type").starts_with("domain invalid"))
    return Error(
        fmt::format("{} is threaded, and no process can be put below it", parent.string()));
  SPECGUARD_TRY(const int join, made.open_to_join());
  group_.emplace(std::move(made));
  join_fds_.push_back(join);
  granted_.kill = group_->has("cgroup.kill");
  return {};
}

Result<void> V2Set::limit_memory(std::uint64_t bytes) {
  SPECGUARD_TRY_VOID(group_->write("memory.max", std::to_string(bytes)));
  // No such file without swap in the kernel: then there is none to flee to.
  if (group_->has("memory.swap.max")) SPECGUARD_TRY_VOID(group_->write("memory.swap.max", "0"));
  // The whole tree dies together: half a test proves nothing.
  if (group_->has("memory.oom.group")) SPECGUARD_TRY_VOID(group_->write("memory.oom.group", "1"));
  return {};
}

Result<void> V2Set::limit_cpus(double cpus) {
  const auto quota = std::max<std::int64_t>(1000, std::llround(cpus * double{kCgroupPeriodUs}));
  return group_->write("cpu.max", fmt::format("{} {}", quota, kCgroupPeriodUs));
}

void V2Set::grant(const CgroupHierarchy* unified, std::string_view name,
                  const CgroupWishes& wishes) {
  if (unified == nullptr) return refuse_all(wishes, "control groups version 2 are not mounted");
  const CgroupHierarchy& hierarchy = *unified;
  if (hierarchy.own.empty())
    return refuse_all(wishes, "our own group does not show in " + hierarchy.mount.string());
  const fs::path parent = parent_for_groups(hierarchy);
  // To move from one group to another takes the right to write to the group above both, too.
  if (::access((parent / "cgroup.procs").c_str(), W_OK) != 0)
    return refuse_all(
        wishes, Error::from_errno("move processes below " + parent.string(), errno).message());
  // Controllers come first: a group made before them would not have their files. Without any, a
  // group still kills at once and counts CPU time.
  const auto enabled = [&](std::string_view wish, bool wished, std::string_view controller) {
    if (!wished) return false;
    const auto done = enable_controller(hierarchy, parent, controller);
    if (!done) refuse(wish, done.error().message());
    return done.ok();
  };
  const bool memory = enabled("memory", wishes.memory_bytes.has_value(), "memory");
  const bool pids = enabled("pids", wishes.pids.has_value(), "pids");
  const bool cpu = enabled("cpus", wishes.cpus.has_value(), "cpu");
  if (const auto made = make_group(parent, name); !made)
    return refuse_all(wishes, made.error().message());

  granted_.cpu_usage = wishes.cpu_usage && group_->has("cpu.stat");
  const auto done = [&](std::string_view wish, const Result<void>& result) {
    if (!result) refuse(wish, result.error().message());
    return result.ok();
  };
  if (memory) granted_.memory = done("memory", limit_memory(*wishes.memory_bytes));
  if (pids) granted_.pids = done("pids", group_->write("pids.max", std::to_string(*wishes.pids)));
  if (cpu) granted_.cpus = done("cpus", limit_cpus(*wishes.cpus));
}

CgroupFacts V2Set::facts() const {
  CgroupFacts facts;
  if (!group_) return facts;
  facts.user_us = group_->read_keyed("cpu.stat", "user_usec");
  facts.system_us = group_->read_keyed("cpu.stat", "system_usec");
  if (granted_.memory) {
    facts.oom_kills = group_->read_keyed("memory.events", "oom_kill");
    // "oom" of the local file: the limit of this very group was met, not one below or above it.
    facts.limit_hits = group_->read_keyed("memory.events.local", "oom");
    facts.peak_memory_bytes = group_->read_number("memory.peak");  // since Linux 5.19
    if (!facts.peak_memory_bytes) facts.peak_memory_bytes = group_->read_number("memory.current");
  }
  if (granted_.pids) {
    facts.fork_refusals = group_->read_keyed("pids.events", "max");
    facts.peak_tasks = group_->read_number("pids.peak");  // since Linux 6.7
  }
  return facts;
}

}  // namespace

std::unique_ptr<CgroupSet> make_cgroup_v2_set(const CgroupMap& map, std::string_view name,
                                              const CgroupWishes& wishes) {
  auto set = std::make_unique<V2Set>();
  set->grant(map.unified(), name, wishes);
  return set;
}

}  // namespace specguard::sys
