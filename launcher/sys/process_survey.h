// ProcessSurvey: every process of the machine at one moment, for the one question a person asks
// when the machine is full: who is it?
//
// Two surveys a little apart tell CPU use; one tells memory. About 20 microseconds a process, so it
// is taken at a trip and never while all is well.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace specguard::sys {

struct ProcessUse {
  pid_t pid = 0;
  std::string command_line;  // printable, at most 200 bytes
  double cpu_percent = 0;    // of one CPU
  std::uint64_t resident_bytes = 0;
};

class ProcessSurvey {
 public:
  static ProcessSurvey take();

  // The processes that used most CPU since the earlier survey, and those that hold most memory now;
  // most first, at most `count`, nothing that used none.
  std::vector<ProcessUse> top_cpu_since(const ProcessSurvey& earlier, std::size_t count) const;
  std::vector<ProcessUse> top_memory(std::size_t count) const;

 private:
  struct Entry {
    std::uint64_t start_ticks = 0;  // a pid that was given again is another process
    std::uint64_t cpu_ticks = 0;
    std::uint64_t resident_bytes = 0;
    std::string name;  // as the kernel has it, for processes without a command line
  };
  ProcessUse describe(pid_t pid, const Entry& entry) const;

  base::MonotonicTime at_{};
  std::map<pid_t, Entry> entries_;
};

}  // namespace specguard::sys
