// ContainerCheck: whether a container is what was asked for, looked at from inside, before there is
// a test. Engines pass over what they cannot do (a rootless one without control groups ignores
// limits): isolation never degrades silently, so the launcher inside looks for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace specguard::supervise {

struct ContainerPromise {
  std::uint64_t memory_bytes = 0;
  std::uint64_t tasks = 0;
  double cpus = 0;
  bool own_network = true;
  // Where the engine runs without root: the user of this machine who is root inside. 0: nobody is,
  // and root inside is refused.
  std::uint32_t root_outside = 0;
};

// As the kernel shows it; texts of files, empty where there is none.
struct ContainerFacts {
  std::string status;    // /proc/self/status
  std::string user_map;  // /proc/self/uid_map
  std::string mounts;    // /proc/self/mountinfo
  std::string network;   // /proc/net/dev
  std::string memory;    // the limit of the memory cgroup
  std::string tasks;     // of the pids cgroup
  std::string
      cpu_quota;  // microseconds in each period, "max" or "-1": none; version 2: with period
  std::string cpu_period;
  std::vector<std::string> sockets;  // of engines, that are there
};

ContainerFacts read_container_facts();

// The first promise that is not held, as a sentence for people; empty where all are. Limits have a
// function of their own, as there is another remedy.
std::string broken_isolation(const ContainerPromise& promise, const ContainerFacts& facts);
std::string broken_limit(const ContainerPromise& promise, const ContainerFacts& facts);

}  // namespace specguard::supervise
