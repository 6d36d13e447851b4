#include "session/attempt_session.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <utility>

#include "base/clock.h"
#include "journal/resume_decision.h"
#include "journal/resume_index.h"
#include "session/session_store.h"
#include "sys/file.h"

namespace specguard::session {
namespace {

using base::Outcome;
using journal::Origin;

constexpr std::uint64_t kMaxSpecBytes = 64 << 20;
// Below it, a test must not wait for the disk.
constexpr std::chrono::seconds kSyncWorthy{1};
constexpr std::chrono::milliseconds kLivePatience{100};

base::WallTime wall_now() {
  return base::system_clock().wall_now();
}

}  // namespace

journal::TestIdentity identify(const AttemptRequest& request) {
  journal::TestIdentity test{.name = request.name};
  if (!request.spec.empty()) {
    const auto content = sys::read_file(request.spec, kMaxSpecBytes);
    // One that cannot be read is equal to nothing, not even to itself at another time.
    test.content = content ? journal::Fingerprint().add(*content).value()
                           : journal::Fingerprint().add(request.attempt).value();
  }
  journal::Fingerprint command;
  for (const std::string& word : request.command) {
    command.add(word);
    // The spec goes by its content: a checkout that renews its time has not changed it.
    if (word.find('/') != std::string::npos && word != request.spec)
      command.add(sys::file_mark(word));
  }
  test.command = command.add(request.settings).value();
  return test;
}

AttemptSession AttemptSession::admit(const AttemptRequest& request) {
  AttemptSession session(journal::StateDirectory(request.build_dir), request.attempt,
                         identify(request));
  if (!request.build_dir.empty()) session.join(request);
  if (session.id_) {
    session.show_life();
    session.decide();
  }
  return session;
}

// Whoever settles the session waits for those who still have something to record.
void AttemptSession::show_life() {
  if (auto live = sys::FileLock::share(state_.live(*id_), kLivePatience))
    live_ = std::move(live).value();
}

void AttemptSession::join(const AttemptRequest& request) {
  const std::string& supervised = request.supervised_session;
  if (journal::is_session_id(supervised)) {
    // The variable reaches tests that run a ctest of their own in another tree; there is no such
    // session in that one.
    if (auto writer = journal::JournalWriter::open(state_.journal(supervised))) {
      id_ = supervised;
      writer_ = std::move(writer).value();
      return;
    }
  }
  if (!request.ctest) return;
  const CtestRequest asked = read_ctest_arguments(request.ctest->arguments);
  SessionPlan plan;
  plan.id = request.ctest->session_id();
  plan.owner = request.ctest->process;
  plan.resumes = request.resume || asked.picks_up;
  plan.selection = asked.selection;
  id_ = plan.id;
  is_bare_ = true;
  journal::CheckpointFile checkpoint(state_.checkpoint());
  if (const auto started = start_session(state_, plan, checkpoint); !started) {
    degrade(started.error());
    id_.reset();
    return;
  }
  if (auto writer = journal::JournalWriter::open(state_.journal(plan.id)))
    writer_ = std::move(writer).value();
  else
    degrade(writer.error());
}

void AttemptSession::decide() {
  if (const auto stop = stop_requested(state_, *id_))
    return refuse(fmt::format("the session was stopped: {}", stop->message), Origin::kStopped);

  // No index: a session that does not resume.
  const auto index = journal::ResumeIndex::open(state_.index(*id_));
  journal::ResumeQuestion question;
  question.resumes = index.ok();
  journal::IndexEntry* const entry = index ? index->find(test_.name) : nullptr;
  if (entry != nullptr) {
    question.is_recorded = true;
    if (entry->outcome != journal::kUnfinished)
      question.outcome = static_cast<Outcome>(entry->outcome);
    question.same_content = entry->content == test_.content;
    question.same_command = entry->command == test_.command;
    question.must_run = entry->must_run != 0;
    question.crashes_in_a_row = entry->crashes_in_a_row;
    question.attempts_recorded = entry->attempts_recorded;
    question.attempts_made = journal::count_attempt(*entry);
  }
  const journal::ResumeAnswer answer = journal::decide(question);
  if (answer.decision == journal::Decision::kQuarantine)
    return refuse(
        fmt::format("quarantined: {}; a run that does not resume, or a change of the test, lets it "
                    "run again",
                    answer.why),
        Origin::kQuarantined);
  if (answer.decision == journal::Decision::kReplay)
    if (auto result = recorded_result(entry->offset, entry->size)) {
      record(journal::AttemptFinished{wall_now(), attempt_, test_, Origin::kReplayed, *result});
      admission_ = ReplayResult{std::move(*result)};
      return;
    }
  record(journal::AttemptStarted{wall_now(), attempt_, test_});
}

std::optional<base::AttemptResult> AttemptSession::recorded_result(std::uint64_t offset,
                                                                   std::uint32_t size) const {
  std::string line(size, '\0');
  std::ifstream file(state_.journal(*id_), std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(offset)) ||
      !file.read(line.data(), static_cast<std::streamsize>(size)))
    return std::nullopt;
  auto decoded = journal::decode_record(line);
  const auto* record = std::get_if<journal::Record>(&decoded);
  const auto* state = record != nullptr ? std::get_if<journal::TestState>(record) : nullptr;
  // The index goes by fingerprints; what is replayed must be this very test's.
  if (state == nullptr || !(state->test == test_) || !state->finished) return std::nullopt;
  return state->result;
}

void AttemptSession::refuse(std::string reason, Origin origin) {
  base::AttemptResult result;
  result.outcome = Outcome::kNotRun;
  result.evidence.reason = reason;
  record(journal::AttemptFinished{wall_now(), attempt_, test_, origin, std::move(result)});
  admission_ = DoNotRun{std::move(reason), origin == Origin::kQuarantined};
}

void AttemptSession::finished(const base::AttemptResult& result) {
  record(journal::AttemptFinished{wall_now(), attempt_, test_, Origin::kRun, result});
  if (!writer_ || result.usage.wall < kSyncWorthy) return;
  const auto age = sys::age_of(state_.synced(*id_));
  if (age && age->count() == 0) return;
  if (const auto synced = writer_->sync())
    sys::touch(state_.synced(*id_));
  else
    degrade(synced.error());
}

void AttemptSession::record(const journal::Record& record) {
  if (!writer_) return;
  if (const auto appended = writer_->append(record); !appended) degrade(appended.error());
}

void AttemptSession::degrade(const base::Error& error) {
  warning_ = fmt::format("this test's result is not recorded for resume: {}", error.message());
  if (id_) mark_degraded(state_, *id_);
}

}  // namespace specguard::session
