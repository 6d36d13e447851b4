#include "spec/spec.h"

#include <algorithm>

namespace specguard::spec {

std::vector<std::string> labels_of(const Spec& spec) {
  std::vector<std::string> labels;
  const auto add = [&](std::string label) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end())
      labels.push_back(std::move(label));
  };
  if (spec.level != Level::kNone) add(std::string(level_name(spec.level)));
  for (const std::string& tag : spec.facts.tags) add(tag);
  if (spec.facts.slow) add("slow");
  if (spec.facts.skip) add("skip");
  if (spec.facts.pending) add("pending");
  for (const std::string& platform : spec.facts.platforms) add("platform:" + platform);
  return labels;
}

}  // namespace specguard::spec
