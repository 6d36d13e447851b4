// ControlDirectory: the keeper's side of the line to the init inside a container.
//
// A container's processes are children of an engine, and no descriptor can be handed to them. So a
// new directory with owner-only permissions is mounted into the container, with two named pipes:
// what the init reports, and what it is ordered. The init takes both names away once it has them
// open, before there is a test. The kernel closes the keeper's ends when the keeper dies, whatever
// killed it: then the init ends, and with it the container.
//
// Its name, that of the container too, carries the owner (pid, start time, PID namespace), so that
// a sweep knows whose keeper is dead; a link in it names the engine that was asked for the
// container. It refuses to use a directory that is there already.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "supervise/container_engine.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/test_init.h"

namespace specguard::supervise {

class ControlDirectory {
 public:
  // For the calling process as the owner; `user` is who the container's processes run as.
  static base::Result<ControlDirectory> make(const std::string& attempt_id,
                                             const sys::Identity& user,
                                             const ContainerEngine& engine);

  const std::string& name() const { return name_; }
  std::string mounted() const { return path_ + "/control"; }
  std::string id_file() const;

  // Writes down what the container is to be, outside of what is mounted; returns the file.
  base::Result<std::string> note_request(const std::string& request) const;

  // Makes the directories "upper" and "work" of an overlay below the one that is returned; upper
  // has the owner and the mode of `like`, as it stands for that inside.
  base::Result<std::string> make_scratch(const sys::Ownership& like) const;

  // A name without a comma or a colon for a directory that has one in its own.
  base::Result<std::string> make_plain_name(const std::string& directory) const;

  // A signal for every process of the test. False where the pipe is full or closed.
  bool order(int signal) const;

  // All that the init has said so far; what was read once is not said again.
  sys::TestReport read_report() const { return sys::read_test_report(report_.get()); }

  // Whether the engine has written the container's id: it was created.
  bool has_id() const;

  // Lets the line go, which ends the init, and removes the directory.
  void remove();

 private:
  ControlDirectory() = default;
  std::string name_;
  std::string path_;
  sys::UniqueFd orders_;
  sys::UniqueFd report_;
};

// The init's side. Both names are gone from the directory when it returns.
struct ControlEnds {
  sys::UniqueFd orders;
  sys::UniqueFd report;
};
base::Result<ControlEnds> open_control_inside(const std::string& directory);

// Names of those whose owner is dead, ours only. Costs one look at the directory for temporary
// files.
std::vector<std::string> dead_control_directories();

// The name of that attempt's, whoever owns it; empty where there is none.
std::string control_directory_of(const std::string& attempt_id);

// The engine that was asked for its container; nullopt where that is not known.
std::optional<ContainerEngine> engine_of_control_directory(const std::string& name);

// Whether the engine has written the container's id there: it was created.
bool control_directory_has_id(const std::string& name);

// Removes one by its name.
void remove_control_directory(const std::string& name);

}  // namespace specguard::supervise
