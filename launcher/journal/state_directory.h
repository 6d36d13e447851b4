// StateDirectory: where the state of a build tree lies, and nothing else.
//
//   <build>/Testing/SpecGuard/            0700
//     lock                                held while a session is started or settled
//     number                              how many sessions there have been
//     checkpoint.json                     the last interrupted session, folded
//     rerun/done.txt, rerun/tests.txt     names for ctest --exclude-from-file, --tests-from-file
//     rerun/index.txt                     numbers for ctest -I
//     sessions/<id>/journal.jsonl
//     sessions/<id>/stop.json             written once, when the session must end
//     sessions/<id>/resume.index          what each test's launcher looks its decision up in
//     sessions/<id>/health                "ok      " or "degraded", overwritten in place
//     sessions/<id>/live                  locked, shared, by each of its launchers while it lives
//     sessions/<id>/guard.json, guard.lock  what the launchers of a bare ctest know of the machine
//     sessions/<id>/suite.json            what a supervised session selected, in ctest's order
//     sessions/<id>/synced                its time is that of the last sync
//     sessions/<id>/settled               there once a dead session was turned into a checkpoint
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace specguard::journal {

// In `health`. Of one length, so that the one replaces the other on a full disk.
inline constexpr std::string_view kHealthOk = "ok      \n";
inline constexpr std::string_view kHealthDegraded = "degraded\n";

class StateDirectory {
 public:
  explicit StateDirectory(const std::filesystem::path& build_dir)
      : build_(build_dir), root_(build_dir / "Testing" / "SpecGuard") {}

  const std::filesystem::path& build() const { return build_; }
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path checkpoint() const { return root_ / "checkpoint.json"; }
  std::filesystem::path rerun() const { return root_ / "rerun"; }
  std::filesystem::path sessions() const { return root_ / "sessions"; }
  std::filesystem::path session(const std::string& id) const { return sessions() / id; }
  std::filesystem::path journal(const std::string& id) const {
    return session(id) / "journal.jsonl";
  }
  std::filesystem::path stop_file(const std::string& id) const { return session(id) / "stop.json"; }
  std::filesystem::path index(const std::string& id) const { return session(id) / "resume.index"; }
  std::filesystem::path health(const std::string& id) const { return session(id) / "health"; }
  std::filesystem::path live(const std::string& id) const { return session(id) / "live"; }
  std::filesystem::path guard(const std::string& id) const { return session(id) / "guard.json"; }
  std::filesystem::path guard_lock(const std::string& id) const {
    return session(id) / "guard.lock";
  }
  std::filesystem::path suite(const std::string& id) const { return session(id) / "suite.json"; }
  std::filesystem::path synced(const std::string& id) const { return session(id) / "synced"; }
  std::filesystem::path settled(const std::string& id) const { return session(id) / "settled"; }

 private:
  std::filesystem::path build_;
  std::filesystem::path root_;
};

// Ids become directory names and come from the environment: letters, digits, '-', '_' and '.', no
// leading dot, at most 100.
bool is_session_id(std::string_view id);

}  // namespace specguard::journal
