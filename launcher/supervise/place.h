// Place: what of the machine a test needs to find where it runs isolated from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "supervise/backend.h"

namespace specguard::supervise {

struct Place {
  std::string build_dir;   // absolute; empty: the directory in which the test starts stands for it
  std::string source_dir;  // absolute; empty: what the build directory's CMakeCache.txt says
  std::string spec;        // absolute; empty: none
  bool scratch = false;    // what is written to the build directory is thrown away
  bool host_network = false;
};

// The same with every empty member found out that can be. `directory` is where the test starts.
Place complete(Place place, const std::string& directory);

// Where the test will start: the plan's directory, or else the launcher's own.
std::string start_directory(const LaunchPlan& plan);

// The value of a variable among NAME=value entries; nullopt where it is not there.
std::optional<std::string> value_of(const std::vector<std::string>& environment,
                                    std::string_view name);

// The absolute path of the program that the plan starts, looked for in its PATH; empty where there
// is none.
std::string find_program(const LaunchPlan& plan);

}  // namespace specguard::supervise
