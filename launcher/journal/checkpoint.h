// checkpoint.json: the folded journal of an interrupted session, from which resume starts.
//
// One indented JSON document that people read too: version, session, why it stopped, counts, and
// the tests with their results. It is replaced as a whole, durably, and never seen half written.
// Its checksum covers everything, so a checkpoint that was edited or damaged is refused, not
// believed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "journal/fold.h"
#include "journal/record.h"

namespace specguard::journal {

struct Checkpoint {
  base::WallTime saved{};
  std::string session;       // whose journal it was folded from
  std::uint64_t number = 0;  // of that session
  std::string selection;     // of the session that began the chain; empty: the whole suite
  StopReason stop;
  bool degraded = false;      // records of the session may be missing
  std::uint64_t damaged = 0;  // records that were found damaged
  bool all_known = false;     // every test that was selected is in `tests` or `not_started`
  std::vector<std::string> not_started;  // names, where they are known
  std::vector<TestState> tests;          // as SuiteState::carried_over gives them

  SuiteCounts counts() const;  // in_flight: those without a result
};

std::string encode_checkpoint(const Checkpoint& checkpoint);
base::Result<Checkpoint> parse_checkpoint(std::string_view text, std::string_view source);

base::Result<void> write_checkpoint(const std::filesystem::path& path,
                                    const Checkpoint& checkpoint);

// nullopt where there is none. An Error names the file and what is wrong with it.
base::Result<std::optional<Checkpoint>> read_checkpoint(const std::filesystem::path& path);

// The same for who needs it more than once: it is read again only where the file is another one by
// then.
class CheckpointFile {
 public:
  explicit CheckpointFile(std::filesystem::path path) : path_(std::move(path)) {}

  // Never null; valid until the next call.
  base::Result<const std::optional<Checkpoint>*> read();

 private:
  std::filesystem::path path_;
  std::string mark_;  // of the file whose content is held
  std::optional<Checkpoint> content_;
};

}  // namespace specguard::journal
