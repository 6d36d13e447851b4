#include "journal/resume_decision.h"

namespace specguard::journal {

ResumeAnswer decide(const ResumeQuestion& question) {
  if (!question.resumes) return {Decision::kRun, "the session does not resume"};
  if (!question.is_recorded) return {Decision::kRun, "new"};
  if (!question.same_content) return {Decision::kRun, "its spec changed"};
  if (!question.same_command) return {Decision::kRun, "its command or settings changed"};
  if (question.crashes_in_a_row >= kCrashesToQuarantine)
    return {Decision::kQuarantine, "in flight at two crashes in a row"};
  if (question.must_run) return {Decision::kRun, "CTest needs it to run"};
  if (!question.outcome) return {Decision::kRun, "in flight when its session died"};
  if (!base::is_success(*question.outcome)) return {Decision::kRun, "not passed"};
  if (question.attempts_made >= question.attempts_recorded)
    return {Decision::kRun, "repeated more often than before"};
  return {Decision::kReplay, "passed before"};
}

}  // namespace specguard::journal
