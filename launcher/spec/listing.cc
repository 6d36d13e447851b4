#include "spec/listing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"

namespace specguard::spec {
namespace {

using nlohmann::json;

json reason_or_null(const std::optional<std::string>& reason) {
  return reason ? json(*reason) : json(nullptr);
}

json to_json(const Spec& spec) {
  const SpecFacts& facts = spec.facts;
  return {
      {"name", spec.name},
      {"path", spec.path},
      {"line", facts.line},
      {"level", spec.level == Level::kNone ? json(nullptr) : json(level_name(spec.level))},
      {"labels", labels_of(spec)},
      {"tags", facts.tags},
      {"platforms", facts.platforms},
      {"slow", facts.slow},
      {"skip", reason_or_null(facts.skip)},
      {"pending", reason_or_null(facts.pending)},
      {"timeout-secs", facts.timeout ? json(facts.timeout->count()) : json(nullptr)},
      {"examples",
       {{"plain", facts.examples.plain},
        {"slow", facts.examples.slow},
        {"skipped", facts.examples.skipped},
        {"pending", facts.examples.pending}}},
  };
}

}  // namespace

std::string text_listing(const Discovery& discovery) {
  std::string out;
  for (const Spec& spec : discovery.specs) {
    const auto labels = labels_of(spec);
    out += base::printable(spec.name);
    if (!labels.empty()) out += fmt::format("  [{}]", fmt::join(labels, ", "));
    out += '\n';
  }
  return out;
}

std::string json_listing(const Discovery& discovery) {
  json specs = json::array();
  for (const Spec& spec : discovery.specs) specs.push_back(to_json(spec));
  json warnings = json::array();
  for (const Warning& warning : discovery.warnings)
    warnings.push_back({{"path", warning.path}, {"message", warning.message}});
  return base::dump_json_pretty(
      {{"version", kListingVersion}, {"specs", specs}, {"warnings", warnings}});
}

}  // namespace specguard::spec
