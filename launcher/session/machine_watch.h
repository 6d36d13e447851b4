// MachineWatch: the guard at work: samples, decides, and finds words for what happened.
#pragma once

#include <optional>
#include <string>

#include "guard/policy.h"
#include "sys/machine_sample.h"
#include "sys/process_survey.h"

namespace specguard::session {

// "memory use is 93.1 % ... (of cgroup /x)", one sentence for every threshold that tripped.
std::string trip_reason(const guard::Decision& decision, const std::string& bound);

// The five processes that used most CPU since an earlier survey, and the five that hold most memory
// now; for people, several lines.
std::string describe_culprits(const std::optional<sys::ProcessSurvey>& earlier);

class MachineWatch {
 public:
  static base::Result<MachineWatch> open(const guard::Thresholds& limits,
                                         const std::filesystem::path& disk_directory);

  // One look; call it about once a second. A look that failed decides nothing.
  guard::Decision look();

  std::string reason(const guard::Decision& decision) const;

  // Since the trouble began.
  std::string culprits() const { return describe_culprits(trouble_began_); }

 private:
  MachineWatch(sys::MachineSampler sampler, const guard::Thresholds& limits)
      : sampler_(std::move(sampler)), policy_(limits) {}

  sys::MachineSampler sampler_;
  guard::GuardPolicy policy_;
  std::optional<sys::MachineCounters> before_;
  std::optional<sys::ProcessSurvey> trouble_began_;
};

}  // namespace specguard::session
