// Backend: where a test runs. The keeper starts, watches and reaps a process tree; a backend says
// how the first process of that tree comes to be (as it is, in namespaces, in a container), how the
// place is torn down, and what an end means there. `process` isolation needs none of this and has
// no backend.
//
// A backend never degrades: what was asked for and cannot be had is an Error from prepare(), and
// the test is a launcher-error.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "supervise/resource_control.h"
#include "sys/child.h"

namespace specguard::supervise {

// What the keeper starts: the first process of the tree.
struct LaunchPlan {
  std::vector<std::string> command;
  std::vector<std::string> environment;  // NAME=value
  std::string directory;                 // empty: the launcher's own
  int clone_flags = 0;                   // CLONE_NEW*; the first process is cloned with them
};

class Backend {
 public:
  virtual ~Backend() = default;

  // In the keeper, before the fork; may change the plan, and does all the work that can be done
  // early.
  virtual base::Result<void> prepare(LaunchPlan& plan) = 0;

  // In the new process, between clone and exec. The keeper has one thread, so this is a whole
  // process; still it must not print, throw or touch the event loop. May fork, have the grandchild
  // do the rest, and not return (an init of a PID namespace stays behind in the child, and must
  // close every descriptor from 3 up, so that a failed exec is seen by the keeper).
  virtual sys::StepFailure set_up_child(const sys::ChildRest& /*rest*/) noexcept { return {}; }

  // The session that the attempt belongs to, where there is one; before prepare().
  virtual void name_session(const std::string& /*id*/) {}

  // What the first process prints, where hears() is true.
  virtual bool hears() const { return false; }
  virtual void hear(std::string_view /*output*/) {}

  // The living processes of the test, where they are not those below the keeper; nullopt: they are.
  virtual std::optional<std::vector<pid_t>> processes() { return std::nullopt; }

  // How long what is below the keeper may live on when the first process has ended, by itself or
  // killed. A value says that it is an engine's, that puts things away, and no leak.
  virtual std::optional<std::chrono::milliseconds> afterwork(bool /*exited*/) {
    return std::nullopt;
  }

  // Asks the test to end, as SIGTERM would, without waiting for it. False: the keeper is to signal
  // the processes below it itself.
  virtual bool request_stop() { return false; }

  // Ends it for good. Called once the grace is over, before the keeper kills the tree. At most a
  // few seconds.
  virtual void force_stop() {}

  // Called once the tree is gone. What the end means where it is not the test's own doing: an
  // engine's failure (launcher-error), out of memory by the engine's evidence. May change the
  // ending to the test's own.
  virtual std::optional<Breach> interpret_end(Ending& /*ending*/) { return std::nullopt; }

  // After interpret_end(): processes that outlived the test where the keeper could not see them,
  // and what the tree used where it could not measure.
  virtual std::vector<base::ProcessNote> left_behind() { return {}; }
  virtual void measure(base::Usage& /*usage*/) {}

  // What a person can do when the first process could not be started; empty: nothing special.
  virtual std::string remedy(int /*errno_value*/) { return {}; }

  // Removes what the backend made. Called on every way out, also after a failed prepare(). Its
  // words are a warning.
  virtual std::optional<std::string> clean_up() { return std::nullopt; }
};

}  // namespace specguard::supervise
