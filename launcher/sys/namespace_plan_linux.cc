#include <fmt/format.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "sys/namespace_plan.h"

namespace specguard::sys {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Result;
using Kind = NamespaceStep::Kind;

// <sys/mount.h> cannot stand beside <linux/mount.h> (namespace_steps_linux.cc).
constexpr unsigned long kNoSuid = 2, kNoDev = 4, kNoExec = 8;

constexpr auto kPrivateDirectories = std::to_array<const char*>({"/tmp", "/var/tmp", "/dev/shm"});
constexpr auto kDevices = std::to_array<const char*>(
    {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"});
// What root could change the machine by, even with no capability: its files belong to root.
constexpr auto kKernelSwitches =
    std::to_array<const char*>({"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus",
                                "/proc/fs", "/proc/acpi", "/proc/scsi"});
constexpr auto kSockets = std::to_array<const char*>(
    {"/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock",
     "/run/crio/crio.sock", "/run/dbus/system_bus_socket", "/run/systemd/private"});
constexpr auto kUserSockets =
    std::to_array<const char*>({"docker.sock", "podman/podman.sock", "bus", "systemd/private"});

bool exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_directory(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// True where path is directory or lies below it. Both canonical.
bool is_within(const std::string& path, const std::string& directory) {
  return path == directory || directory == "/" ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

std::string canonical(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? std::string() : real.string();
}

// Writes the steps down, in the order in which they have to be taken.
class StepWriter {
 public:
  explicit StepWriter(const NamespaceSettings& settings) : settings_(settings) {}

  Result<std::vector<NamespaceStep>> write() {
    SPECGUARD_TRY_VOID(find_private_directories());
    SPECGUARD_TRY_VOID(find_writable());
    find_visible();
    map_user();
    hold_trees();
    add({.kind = Kind::kRestrictAll,
         .what = "make the root directory read-only",
         .flags = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV});
    for (std::size_t i = 0; i < held_.size(); ++i)
      // Nothing is below a device file, and nobody executes one.
      if (!held_[i].is_device) restrict_held(i);
    if (settings_.scratch) mount_scratch_room();
    mount_private_directories();
    mount_devices();
    mount_proc();
    attach_trees();
    if (settings_.scratch) mount_scratch();
    cover_sockets();
    if (settings_.own_network)
      add({.kind = Kind::kLoopbackUp, .what = "bring the loopback interface up"});
    add({.kind = Kind::kChangeDirectory,
         .what = fmt::format("change to {} inside", base::printable(settings_.directory)),
         .path = settings_.directory});
    return std::move(steps_);
  }

 private:
  // A tree that has to be got hold of before everything becomes read-only or covered.
  struct Held {
    std::string path;
    unsigned long flags;
    bool is_device;
  };

  void add(NamespaceStep step) { steps_.push_back(std::move(step)); }

  // A symbolic link among them (/var/tmp to /tmp) leads to another of them, or elsewhere: where it
  // leads counts.
  Result<void> find_private_directories() {
    for (const char* name : kPrivateDirectories) {
      const std::string path = canonical(name);
      if (path.empty() || !is_directory(path)) continue;
      if (std::find(private_.begin(), private_.end(), path) == private_.end())
        private_.push_back(path);
    }
    if (private_.empty()) return Error("namespace isolation: this machine has no /tmp");
    return {};
  }

  bool is_hidden(const std::string& path) const {
    return std::any_of(private_.begin(), private_.end(),
                       [&](const std::string& hidden) { return is_within(path, hidden); });
  }

  bool would_show_a_private_directory(const std::string& path) const {
    return std::any_of(private_.begin(), private_.end(),
                       [&](const std::string& hidden) { return is_within(hidden, path); });
  }

  Result<void> find_writable() {
    writable_ = canonical(settings_.writable);
    if (writable_.empty() || !is_directory(writable_))
      return Error(fmt::format("namespace isolation: the build directory {} does not exist",
                               base::printable(settings_.writable)));
    if (would_show_a_private_directory(writable_))
      return Error(
          fmt::format("namespace isolation: the build directory {} holds the machine's /tmp or "
                      "/dev/shm, which are to stay out of reach; build in a directory below",
                      writable_));
    return {};
  }

  // Shortest first, so that a directory is there before what lies in it.
  void find_visible() {
    for (const std::string& wish : settings_.visible) {
      const std::string path = canonical(wish);
      if (path.empty() || !is_hidden(path) || would_show_a_private_directory(path)) continue;
      if (!settings_.scratch && is_within(path, writable_)) continue;
      if (visible_.size() >= kMaxVisible) continue;
      visible_.push_back(path);
    }
    std::sort(visible_.begin(), visible_.end());
    visible_.erase(std::unique(visible_.begin(), visible_.end()), visible_.end());
  }

  // One user, one group, onto themselves: all that the kernel allows without privilege, and so the
  // same for root. setgroups must be off before a group may be mapped (user_namespaces(7)).
  void map_user() {
    const auto identity = [](unsigned id) { return fmt::format("{0} {0} 1\n", id); };
    add({.kind = Kind::kWriteFile,
         .what = "map the user into its namespace (setgroups)",
         .path = "/proc/self/setgroups",
         .data = "deny"});
    add({.kind = Kind::kWriteFile,
         .what = "map the user into its namespace",
         .path = "/proc/self/uid_map",
         .data = identity(::geteuid())});
    add({.kind = Kind::kWriteFile,
         .what = "map the group into its namespace",
         .path = "/proc/self/gid_map",
         .data = identity(::getegid())});
  }

  void hold(const std::string& path, unsigned long flags, bool is_device = false) {
    add({.kind = Kind::kHoldTree,
         .what = fmt::format("get hold of {}", base::printable(path)),
         .path = path,
         .slot = held_.size()});
    held_.push_back({path, flags, is_device});
  }

  void hold_trees() {
    for (const std::string& path : visible_)
      hold(path, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (!settings_.scratch) hold(writable_, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    for (const char* device : kDevices)
      if (exists(device)) hold(device, 0, true);
  }

  void restrict_held(std::size_t slot) {
    add({.kind = Kind::kRestrictSlot,
         .what = fmt::format("restrict {}", base::printable(held_[slot].path)),
         .flags = held_[slot].flags,
         .slot = slot});
  }

  void mount(const std::string& type, const std::string& path, unsigned long flags,
             const std::string& options, const std::string& what) {
    add({.kind = Kind::kMount,
         .what = what,
         .path = path,
         .source = type,
         .data = options,
         .flags = flags});
  }

  std::string tmpfs_options() const {
    return settings_.private_bytes == 0 ? "mode=1777"
                                        : fmt::format("mode=1777,size={}", settings_.private_bytes);
  }

  void mount_private_directories() {
    for (const std::string& path : private_)
      mount("tmpfs", path, kNoSuid | kNoDev, tmpfs_options(),
            fmt::format("mount a private {}", path));
  }

  // The machine's own pseudo terminals stay out of reach; new ones come from an instance of its
  // own.
  void mount_devices() {
    if (is_directory("/dev/pts")) {
      mount("devpts", "/dev/pts", kNoSuid | kNoExec, "newinstance,ptmxmode=0666,mode=0620",
            "mount private pseudo terminals");
      std::error_code ignored;
      if (exists("/dev/ptmx") && !fs::is_symlink("/dev/ptmx", ignored))
        add({.kind = Kind::kBindFile,
             .what = "show private pseudo terminals",
             .path = "/dev/ptmx",
             .source = "/dev/pts/ptmx"});
    }
    if (is_directory("/dev/mqueue"))
      mount("mqueue", "/dev/mqueue", kNoSuid | kNoDev | kNoExec, "",
            "mount private message queues");
  }

  void mount_proc() {
    mount("proc", "/proc", kNoSuid | kNoDev | kNoExec, "", "mount a fresh /proc");
    if (::geteuid() != 0) return;
    for (const char* path : kKernelSwitches)
      if (exists(path))
        add({.kind = Kind::kMakeReadOnly,
             .what = fmt::format("make {} read-only", path),
             .path = path});
  }

  void attach_trees() {
    for (std::size_t slot = 0; slot < held_.size(); ++slot) {
      const Held& held = held_[slot];
      const std::string what = fmt::format("show {}", base::printable(held.path));
      if (!held.is_device && is_hidden(held.path)) make_place_for(held.path, what);
      add({.kind = Kind::kAttachSlot, .what = what, .path = held.path, .slot = slot});
    }
  }

  void make_place_for(const std::string& path, const std::string& what) {
    const bool directory = is_directory(path);
    add({.kind = Kind::kMakeDirectories,
         .what = what,
         .path = directory ? path : fs::path(path).parent_path().string()});
    if (!directory) add({.kind = Kind::kMakeFile, .what = what, .path = path});
  }

  // What is written goes to a tmpfs that ends up below another: nobody can name it. The lower
  // directory is named "." because a path could hold the characters that overlay options give a
  // meaning to, and because a private directory may be about to cover it.
  void mount_scratch_room() {
    add({.kind = Kind::kChangeDirectory,
         .what = "change to the build directory",
         .path = writable_});
    scratch_room_ = private_.front();
    if (is_within(writable_, scratch_room_) && private_.size() > 1) scratch_room_ = private_.back();
    const std::string what = "make room for the scratch copy";
    mount("tmpfs", scratch_room_, kNoSuid | kNoDev, tmpfs_options(), what);
    for (const char* name : {"/upper", "/work"})
      add({.kind = Kind::kMakeDirectories, .what = what, .path = scratch_room_ + name});
    // The mount that covers it must come after the overlay has been made of it.
    std::erase(private_, scratch_room_);
  }

  void mount_scratch() {
    const std::string what = "mount a copy-on-write view of the build directory";
    if (is_hidden(writable_)) make_place_for(writable_, what);
    mount("overlay", writable_, kNoSuid | kNoDev,
          fmt::format("lowerdir=.,upperdir={0}/upper,workdir={0}/work,userxattr", scratch_room_),
          what);
    mount("tmpfs", scratch_room_, kNoSuid | kNoDev, tmpfs_options(),
          fmt::format("mount a private {}", scratch_room_));
  }

  void cover_sockets() {
    std::vector<std::string> sockets(kSockets.begin(), kSockets.end());
    for (const char* name : kUserSockets)
      sockets.push_back(fmt::format("/run/user/{}/{}", ::geteuid(), name));
    for (const char* variable : {"DOCKER_HOST", "CONTAINER_HOST", "DBUS_SESSION_BUS_ADDRESS"}) {
      const char* value = std::getenv(variable);
      const std::string_view text = value == nullptr ? "" : value;
      for (const std::string_view scheme : {"unix://", "unix:path="})
        if (text.starts_with(scheme))
          sockets.emplace_back(text.substr(scheme.size(), text.find(',') - scheme.size()));
    }
    for (const std::string& wish : sockets) {
      struct stat info {};  // first, because most are not there
      if (::stat(wish.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) continue;
      const std::string path = canonical(wish);
      if (path.empty() || is_hidden(path)) continue;  // a private directory covers it already
      add({.kind = Kind::kBindFile,
           .what = fmt::format("cover {}", base::printable(path)),
           .path = path,
           .source = "/dev/null"});
    }
  }

  static constexpr std::size_t kMaxVisible = kNamespaceSlots - kDevices.size() - 1;

  const NamespaceSettings& settings_;
  std::vector<NamespaceStep> steps_;
  std::vector<std::string> private_;
  std::vector<std::string> visible_;
  std::vector<Held> held_;
  std::string writable_;
  std::string scratch_room_;
};

}  // namespace

Result<std::vector<NamespaceStep>> plan_namespace_steps(const NamespaceSettings& settings) {
  return StepWriter(settings).write();
}

}  // namespace specguard::sys
