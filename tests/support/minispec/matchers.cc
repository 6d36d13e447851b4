#include "matchers.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace minispec {
namespace {

struct Arity {
  std::size_t min;
  std::size_t max;
};

using Arities = std::map<std::string, Arity, std::less<>>;

const Arities& arities() {
  static const Arities kArities = {
      {"equal", {1, 1}},       {"eq", {1, 1}},           {"be_true", {0, 0}},
      {"be_false", {0, 0}},    {"be_truthy", {0, 0}},    {"be_falsy", {0, 0}},
      {"be_nil", {0, 0}},      {"be_empty", {0, 0}},     {"be_greater_than", {1, 1}},
      {"be_gt", {1, 1}},       {"be_less_than", {1, 1}}, {"be_lt", {1, 1}},
      {"be_at_least", {1, 1}}, {"be_gte", {1, 1}},       {"be_at_most", {1, 1}},
      {"be_lte", {1, 1}},      {"be_close_to", {1, 2}},  {"contain", {1, 1}},
      {"include", {1, 1}},     {"start_with", {1, 1}},   {"end_with", {1, 1}},
      {"have_length", {1, 1}}, {"have_size", {1, 1}},    {"raise_error", {0, 1}},
  };
  return kArities;
}

double number(const Value& value, Position at) {
  if (const auto* integer = value.as<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* real = value.as<double>()) return *real;
  throw RuntimeError(at, std::string("expected a number, got ") + type_name(value));
}

const std::string& text(const Value& value, Position at) {
  if (const auto* found = value.as<std::string>()) return *found;
  throw RuntimeError(at, std::string("expected text, got ") + type_name(value));
}

std::size_t length(const Value& value, Position at) {
  if (const List* list = value.list()) return list->size();
  if (const Map* map = value.map()) return map->size();
  return text(value, at).size();
}

bool contains(const Value& actual, const Value& item, Position at) {
  if (const List* list = actual.list())
    return std::any_of(list->begin(), list->end(),
                       [&](const Value& each) { return equal(each, item, at); });
  if (const Map* map = actual.map()) return map->contains(text(item, at));
  return text(actual, at).find(text(item, at)) != std::string::npos;
}

Match match_state(std::string_view name, const Value& actual, Position at) {
  if (name == "be_true") return {equal(actual, Value(true), at), "be true"};
  if (name == "be_false") return {equal(actual, Value(false), at), "be false"};
  if (name == "be_truthy") return {is_truthy(actual), "be truthy"};
  if (name == "be_falsy") return {!is_truthy(actual), "be falsy"};
  if (name == "be_nil") return {actual.is_nil(), "be nil"};
  return {length(actual, at) == 0, "be empty"};
}

Match match_order(std::string_view name, const Value& actual, const Value& bound, Position at) {
  const int order = compare(actual, bound, at);
  const std::string shown = show(bound);
  if (name == "be_greater_than" || name == "be_gt") return {order > 0, "be greater than " + shown};
  if (name == "be_less_than" || name == "be_lt") return {order < 0, "be less than " + shown};
  if (name == "be_at_least" || name == "be_gte") return {order >= 0, "be at least " + shown};
  return {order <= 0, "be at most " + shown};
}

}  // namespace

bool is_matcher(std::string_view name) {
  return arities().contains(name);
}

void check_matcher(const Node& expectation) {
  const auto found = arities().find(expectation.text);
  if (found == arities().end())
    throw SyntaxError(expectation.at, "unknown matcher '" + expectation.text + "'");
  const std::size_t given = expectation.children.size() - 1;
  if (given < found->second.min || given > found->second.max)
    throw SyntaxError(expectation.at, "matcher '" + expectation.text + "' takes " +
                                          std::to_string(found->second.max) +
                                          " argument(s), and got " + std::to_string(given));
}

Match evaluate_matcher(std::string_view name, const Value& actual, const List& arguments,
                       Position at) {
  if (arguments.empty()) return match_state(name, actual, at);
  const Value& first = arguments.front();
  if (name == "equal" || name == "eq") return {equal(actual, first, at), "equal " + show(first)};
  if (name == "contain" || name == "include")
    return {contains(actual, first, at), "contain " + show(first)};
  if (name == "start_with")
    return {text(actual, at).starts_with(text(first, at)), "start with " + show(first)};
  if (name == "end_with")
    return {text(actual, at).ends_with(text(first, at)), "end with " + show(first)};
  if (name == "have_length" || name == "have_size")
    return {static_cast<double>(length(actual, at)) == number(first, at),
            "have length " + show(first)};
  if (name == "be_close_to") {
    const double tolerance = arguments.size() > 1 ? number(arguments[1], at) : 1e-9;
    return {std::abs(number(actual, at) - number(first, at)) <= tolerance,
            "be close to " + show(first)};
  }
  return match_order(name, actual, first, at);
}

}  // namespace minispec
