// ContainerArguments: what a container engine is told, word by word. Pure.
//
// Promises: one fresh container that is removed when it ends, and none of whose bounds is left to
// the engine's defaults; any byte but a newline in a path stays that byte; no word of the test's is
// ever read as an option of the engine. Docker and podman are told the same, save where the one
// knows no word of the other.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sys/identity.h"

namespace specguard::supervise {

enum class EngineKind { kDocker, kPodman };

std::string_view engine_name(EngineKind kind);

// Where the launcher and its pipes are, inside.
inline constexpr std::string_view kLauncherInside = "/.specguard/launcher";
inline constexpr std::string_view kControlInside = "/.specguard/control";

// Shows a directory or file of the machine to the container.
struct ContainerMount {
  std::string source;
  std::string target;
  bool writable = false;
  // Not empty: what is written goes to the directory "upper" below this one, and the source stays
  // as it is. Podman makes one of its own, and throws it away itself, but for a target with a
  // colon.
  std::string scratch{};
  bool operator==(const ContainerMount&) const = default;
};

struct ContainerBounds {
  std::uint64_t memory_bytes = std::uint64_t{512} << 20;  // swap counts: there is none beyond it
  double cpus = 1.0;
  std::uint64_t pids = 256;
  // Of each process: the launcher inside sets them, as engines replace limits of their own by them.
  std::optional<std::uint64_t> open_files{};
  std::optional<std::uint64_t> file_size_bytes{};
};

// What engines are told of processors has two decimals.
inline double in_hundredths(double cpus) {
  return std::round(cpus * 100) / 100;
}

// The launcher inside is a process, too, and none of the test's.
constexpr std::uint64_t tasks_with_init(std::uint64_t pids) {
  return pids + 1;
}

struct ContainerRequest {
  EngineKind engine = EngineKind::kDocker;
  std::string program;  // the engine's client
  std::string name;
  std::string image;
  std::string id_file;  // where the engine writes the container's id
  std::vector<std::pair<std::string, std::string>> labels;
  ContainerBounds bounds;
  bool host_network = false;
  sys::Identity user;     // of this machine, never root
  bool rootless = false;  // the engine is in a user namespace, whose root is that user
  std::vector<ContainerMount> mounts;
  std::string directory;                       // where the test starts
  std::vector<std::string> environment;        // names; the values are the client's own
  std::vector<std::string> fixed_environment;  // NAME=value
  std::vector<std::string> command;            // what the launcher inside is told
};

// What the user is inside. Without root podman can keep the number; docker cannot, and there root
// is the one who is the user outside.
sys::Identity user_inside(const ContainerRequest& request);

// The whole command line of the engine's client.
std::vector<std::string> container_command(const ContainerRequest& request);

// --mount or --volume with its value: comma-separated values, quoted as RFC 4180 says.
std::string mount_option(const ContainerRequest& request, const ContainerMount& mount);

// The values of these options, which the daemon is told in the same words.
inline constexpr std::string_view kTemporaryFilesystem = "rw,nosuid,nodev,exec,mode=1777";
std::string user_value(const sys::Identity& user);
// An overlay that an engine without root mounts, in a user namespace, may set attributes of users
// only (overlayfs.rst, "User xattr"): without them no directory can be removed there.
std::string overlay_value(const ContainerMount& scratch, bool rootless);

// A name that an engine could take for an option, or cannot be one at all.
base::Result<void> check_image_name(std::string_view image);

// Which names of the environment go in: what the process above the launcher added for this test
// (ctest: ENVIRONMENT), and the words of SpecGuard, of the test language and of the locale. What
// the machine had before stays outside: the image has a PATH of its own, and secrets of a CI job
// are not the test's.
std::vector<std::string> environment_for_container(const std::vector<std::string>& own,
                                                   const std::vector<std::string>& parent);

}  // namespace specguard::supervise
