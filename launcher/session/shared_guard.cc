#include "session/shared_guard.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/json.h"
#include "session/machine_watch.h"
#include "session/say.h"
#include "session/session_store.h"
#include "sys/append_log.h"
#include "sys/file.h"

namespace specguard::session {
namespace {

using guard::PolicyState;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::uint64_t kMaxHandoverBytes = 64 << 10;
// Two launchers that look a moment apart must not take two samples for one second.
constexpr auto kTurn = 900ms;
constexpr auto kSurveyTime = 200ms;

std::int64_t to_ns(base::MonotonicTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

base::MonotonicTime from_ns(std::int64_t ns) {
  return base::MonotonicTime(
      std::chrono::duration_cast<base::MonotonicTime::duration>(std::chrono::nanoseconds(ns)));
}

json time_to_json(const std::optional<base::MonotonicTime>& time) {
  return time ? json(to_ns(*time)) : json();
}

std::optional<base::MonotonicTime> time_from_json(const json& value) {
  return value.is_number_integer() ? std::optional(from_ns(value.get<std::int64_t>()))
                                   : std::nullopt;
}

bool is_count(const json& document, const char* key) {
  const auto it = document.find(key);
  return it != document.end() && it->is_number_unsigned();
}

bool read_over(const json& array, PolicyState& policy) {
  if (!array.is_array() || array.size() != policy.over.size()) return false;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const json& entry = array[i];
    if (entry.is_null()) continue;
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_number_integer() ||
        !entry[1].is_number())
      return false;
    policy.over[i] =
        PolicyState::Over{from_ns(entry[0].get<std::int64_t>()), entry[1].get<double>()};
  }
  return true;
}

}  // namespace

std::string encode_handover(const GuardHandover& handover) {
  json over = json::array();
  for (const auto& metric : handover.policy.over)
    over.push_back(metric ? json::array({to_ns(metric->since), metric->worst}) : json());
  const sys::MachineCounters& counters = handover.counters;
  return base::dump_json({{"version", 1},
                          {"at_ns", to_ns(counters.at)},
                          {"cpu_busy", counters.cpu_busy},
                          {"cpu_total", counters.cpu_total},
                          {"memory_stall_us", counters.memory_stall_us},
                          {"io_stall_us", counters.io_stall_us},
                          {"last_sample_ns", time_to_json(handover.policy.last_sample)},
                          {"held_since_ns", time_to_json(handover.policy.held_since)},
                          {"over", over}}) +
         "\n";
}

std::optional<GuardHandover> decode_handover(const std::string& text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || document.value("version", json()) != json(1)) return std::nullopt;
  for (const char* key : {"cpu_busy", "cpu_total", "memory_stall_us", "io_stall_us"})
    if (!is_count(document, key)) return std::nullopt;
  const auto at = time_from_json(document.value("at_ns", json()));
  GuardHandover handover;
  if (!at || !read_over(document.value("over", json()), handover.policy)) return std::nullopt;
  handover.counters = {.at = *at,
                       .cpu_busy = document["cpu_busy"].get<std::uint64_t>(),
                       .cpu_total = document["cpu_total"].get<std::uint64_t>(),
                       .memory_stall_us = document["memory_stall_us"].get<std::uint64_t>(),
                       .io_stall_us = document["io_stall_us"].get<std::uint64_t>()};
  handover.policy.last_sample = time_from_json(document.value("last_sample_ns", json()));
  handover.policy.held_since = time_from_json(document.value("held_since_ns", json()));
  return handover;
}

std::optional<std::string> SharedGuard::look() {
  if (const auto requested = stop_requested(state_, session_)) return requested->message;
  const auto turn = sys::FileLock::acquire(state_.guard_lock(session_), 0ms);
  if (!turn) return std::nullopt;  // somebody else is at it
  return take_turn();
}

std::optional<std::string> SharedGuard::take_turn() {
  const auto text = sys::read_file(state_.guard(session_), kMaxHandoverBytes);
  const auto before = text ? decode_handover(*text) : std::nullopt;
  if (before && base::system_clock().now() - before->counters.at < kTurn) return std::nullopt;
  if (!sampler_) {
    auto opened = sys::MachineSampler::open({.disk_directory = state_.build()});
    if (!opened) return std::nullopt;
    sampler_.emplace(std::move(opened).value());
  }
  GuardHandover after;
  const auto sample =
      sampler_->sample(before ? std::optional(before->counters) : std::nullopt, after.counters);
  if (!sample) return std::nullopt;
  guard::GuardPolicy policy(limits_, before ? before->policy : PolicyState{});
  const guard::Decision decision = policy.decide(*sample);
  after.policy = policy.state();
  // Where it cannot be written the next one begins anew, which takes longer to trip and no more.
  [[maybe_unused]] const auto handed_on =
      sys::replace_file(state_.guard(session_), encode_handover(after));
  if (decision.action != guard::Action::kStop) return std::nullopt;
  return stop(decision);
}

std::string SharedGuard::stop(const guard::Decision& decision) {
  const std::string reason = trip_reason(decision, sampler_->bound());
  const sys::ProcessSurvey before = sys::ProcessSurvey::take();
  if (const auto requested = request_stop(state_, session_, {journal::StopKind::kGuard, reason});
      !requested)
    say("test-launcher: {}; only this test is ended\n", requested.error().message());
  // Who uses the CPU shows between two looks, and nobody looked while all was well.
  std::this_thread::sleep_for(kSurveyTime);
  say("\ntest-launcher: the guard stops this session: {}\n{}", reason, describe_culprits(before));
  return reason;
}

}  // namespace specguard::session
