#include "spec/filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"

namespace specguard::spec {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// A word that no spec has is a typo, and an empty listing would hide it. VERB and NOUN: "has",
// "tag".
base::Result<void> check_words(const std::vector<std::string>& wanted,
                               const std::set<std::string>& all, const char* verb,
                               const char* noun) {
  for (const std::string& word : wanted) {
    if (all.contains(word)) continue;
    const auto near = nearest_words(word, {all.begin(), all.end()});
    std::string hint = all.empty() ? fmt::format("; no spec {} any", verb) : "";
    if (!near.empty()) hint = fmt::format("; did you mean {}?", fmt::join(near, ", "));
    return base::Error(
        fmt::format("no spec {} the {} '{}'{}", verb, noun, base::printable(word), hint));
  }
  return {};
}

}  // namespace

bool Filter::admits(const Spec& spec) const {
  const SpecFacts& facts = spec.facts;
  if (!levels.empty() && std::find(levels.begin(), levels.end(), spec.level) == levels.end())
    return false;
  if (!std::all_of(tags.begin(), tags.end(),
                   [&](const std::string& tag) { return contains(facts.tags, tag); }))
    return false;
  if (!platform.empty() && !contains(facts.platforms, platform)) return false;
  return !(only_slow && !facts.slow) && !(no_slow && facts.slow) &&
         !(only_skipped && !facts.skip) && !(only_pending && !facts.pending);
}

base::Result<void> apply_filter(const Filter& filter, std::vector<Spec>& specs) {
  std::set<std::string> all;
  if (!filter.tags.empty()) {
    for (const Spec& spec : specs) all.insert(spec.facts.tags.begin(), spec.facts.tags.end());
    SPECGUARD_TRY_VOID(check_words(filter.tags, all, "has", "tag"));
  }
  if (!filter.platform.empty()) {
    all.clear();
    for (const Spec& spec : specs)
      all.insert(spec.facts.platforms.begin(), spec.facts.platforms.end());
    SPECGUARD_TRY_VOID(check_words({filter.platform}, all, "names", "platform"));
  }
  std::erase_if(specs, [&](const Spec& spec) { return !filter.admits(spec); });
  return {};
}

std::vector<std::string> nearest_words(std::string_view word,
                                       const std::vector<std::string>& known) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& other : known) {
    const std::size_t distance = edit_distance(word, other);
    const bool is_part = other.find(word) != std::string::npos;
    if (distance <= std::max<std::size_t>(2, word.size() / 3) || is_part)
      near.emplace_back(distance, other);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> words;
  for (std::size_t i = 0; i < near.size() && i < 3; ++i) words.push_back(near[i].second);
  return words;
}

}  // namespace specguard::spec
