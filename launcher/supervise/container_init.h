// ContainerInit: the launcher's life as pid 1 of a container. It looks whether the container is
// what was asked for, starts the test, and is its init (sys/test_init.h).
//
// It is told on its command line, by the launcher outside, and answers on the control directory's
// pipe alone. The first word of the test's command is looked for in the image's PATH.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "supervise/container_check.h"

namespace specguard::supervise {

struct ContainerInitOrder {
  ContainerPromise promise;
  std::chrono::milliseconds grace{2000};
  std::chrono::microseconds cpu_limit{0};  // 0: none
  std::uint64_t open_files = 0;            // of each process; 0: as the engine has it
  std::uint64_t file_size_bytes = 0;
  std::vector<std::string> command;
};

// The name of the launcher's subcommand for it.
inline constexpr std::string_view kContainerInit = "container-init";

// As words for the command line, and back. The Error is our own launcher's doing, of another
// version.
std::vector<std::string> container_init_words(const ContainerInitOrder& order);
base::Result<ContainerInitOrder> parse_container_init_words(const std::vector<std::string>& words);

// Does it. Returns only where the launcher cannot even report.
base::Error run_container_init(const ContainerInitOrder& order);

}  // namespace specguard::supervise
