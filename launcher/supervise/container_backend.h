// ContainerBackend: `--isolation container`. One fresh container an attempt, by docker or podman.
//
// The keeper starts the engine's client; the engine starts this very launcher as pid 1 of the
// container, and that starts the test (container_init.h). The two talk over two named pipes
// (control_directory.h): so signals arrive whatever became of client or daemon, the end of the test
// is known exactly, and the death of the keeper, even together with the front's, ends the
// container. The client's death is not the container's: what may be left is removed by name.
//
// It needs an engine of this machine (the directories are mounted as they are) and a launcher that
// is linked statically.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "supervise/backend.h"
#include "supervise/container_arguments.h"
#include "supervise/container_engine.h"
#include "supervise/control_directory.h"
#include "supervise/place.h"

namespace specguard::supervise {

struct ContainerSettings {
  Place place;
  std::string attempt_id;
  std::string test;
  std::string image;
  std::string engine = "auto";
  ContainerBounds bounds;
  std::chrono::milliseconds cpu_limit{0};  // 0: none
  std::chrono::milliseconds grace{2000};
  // NAME=value of the process above the launcher, as it began; empty: not known.
  std::vector<std::string> parent_environment;
};

// What the container is shown. `program` is the test's own where its command gives it with a path,
// else empty: one of the machine's system directories is the image's matter, any other is shown.
// Pure.
std::vector<ContainerMount> container_mounts(const Place& place, const std::string& directory,
                                             const std::string& program);

// Who the test is inside: who started it; where that is root, the owner of the build directory; and
// where that is root, too, nobody.
sys::Identity container_user(const sys::Identity& own, const std::optional<sys::Ownership>& build);

class ContainerBackend final : public Backend {
 public:
  explicit ContainerBackend(ContainerSettings settings) : settings_(std::move(settings)) {}

  base::Result<void> prepare(LaunchPlan& plan) override;
  void name_session(const std::string& id) override { session_ = id; }
  void hear(std::string_view output) override;
  bool hears() const override { return true; }
  std::optional<std::vector<pid_t>> processes() override;
  // A client that was killed leaves a container that runs on.
  std::optional<std::chrono::milliseconds> afterwork(bool exited) override {
    return std::chrono::seconds(exited ? 10 : 0);
  }
  bool request_stop() override;
  void force_stop() override;
  std::optional<Breach> interpret_end(Ending& ending) override;
  std::vector<base::ProcessNote> left_behind() override { return std::move(report_.left); }
  void measure(base::Usage& usage) override;
  std::optional<std::string> clean_up() override;

 private:
  // What is written to the one writable directory is to be thrown away.
  base::Result<void> show_as_scratch(std::vector<ContainerMount>& mounts) const;
  base::Result<void> check_place(const std::vector<ContainerMount>& mounts) const;
  ContainerRequest make_request(const LaunchPlan& plan, std::vector<ContainerMount> mounts) const;
  // What the keeper starts: docker's own client only where it knows more than we do.
  base::Result<std::vector<std::string>> client_command(const ContainerRequest& request,
                                                        const std::string& launcher) const;
  void sweep_the_dead() const;
  std::optional<std::string> clean_up_for_a_dead_keeper() const;

  ContainerSettings settings_;
  std::string session_;
  std::string program_;  // the first word of the test's command
  sys::Identity user_;
  std::optional<ContainerEngine> engine_;
  std::optional<ControlDirectory> control_;
  std::string heard_;
  sys::TestReport report_;
  bool stop_ordered_ = false;
  bool may_be_left_ = false;
  std::optional<std::string> unanswered_;  // the warning where the engine kept silent
};

}  // namespace specguard::supervise
