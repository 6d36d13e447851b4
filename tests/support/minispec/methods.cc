#include <algorithm>
#include <charconv>
#include <cmath>

#include "builtins.h"
#include "evaluator.h"

namespace minispec {
namespace {

constexpr std::size_t kMaxItems = 1'000'000;

Value count(std::size_t size) {
  return Value(static_cast<std::int64_t>(size));
}

// The i-th argument as text; RuntimeError where it is missing or no text.
const std::string& text(const List& arguments, std::size_t index, Position at) {
  const auto* found = index < arguments.size() ? arguments[index].as<std::string>() : nullptr;
  if (found == nullptr)
    throw RuntimeError(at, "argument " + std::to_string(index + 1) + " must be text");
  return *found;
}

const Value& any(const List& arguments, Position at) {
  if (arguments.empty()) throw RuntimeError(at, "an argument is missing");
  return arguments.front();
}

std::string trimmed(const std::string& whole) {
  const std::size_t first = whole.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return whole.substr(first, whole.find_last_not_of(" \t\r\n") - first + 1);
}

std::string cased(std::string whole, bool upper) {
  for (char& c : whole)
    if (upper ? (c >= 'a' && c <= 'z') : (c >= 'A' && c <= 'Z')) c = static_cast<char>(c ^ 0x20);
  return whole;
}

Value split(const std::string& whole, const std::string& separator) {
  List parts;
  if (separator.empty()) return Value::of_list({Value(whole)});
  std::size_t start = 0;
  for (std::size_t found; (found = whole.find(separator, start)) != std::string::npos;
       start = found + separator.size())
    parts.emplace_back(whole.substr(start, found - start));
  parts.emplace_back(whole.substr(start));
  return Value::of_list(std::move(parts));
}

Value replace(const std::string& whole, const std::string& from, const std::string& to,
              Position at) {
  if (from.empty()) return Value(whole);
  std::string result;
  std::size_t start = 0;
  for (std::size_t found; (found = whole.find(from, start)) != std::string::npos;
       start = found + from.size()) {
    result.append(whole, start, found - start).append(to);
    if (result.size() > (64u << 20)) throw RuntimeError(at, "text longer than 64 MiB");
  }
  return Value(result.append(whole, start));
}

Value to_int(const std::string& whole) {
  std::int64_t number = 0;
  const char* const end = whole.data() + whole.size();
  const auto [stop, error] = std::from_chars(whole.data(), end, number);
  return error == std::errc{} && stop == end ? Value(number) : Value();
}

std::optional<Value> text_method(const std::string& name, const std::string& self,
                                 const List& arguments, Position at) {
  if (name == "len") return count(self.size());
  if (name == "is_empty") return Value(self.empty());
  if (name == "upper") return Value(cased(self, true));
  if (name == "lower") return Value(cased(self, false));
  if (name == "trim") return Value(trimmed(self));
  if (name == "to_int") return to_int(self);
  if (name == "contains") return Value(self.find(text(arguments, 0, at)) != std::string::npos);
  if (name == "starts_with") return Value(self.starts_with(text(arguments, 0, at)));
  if (name == "ends_with") return Value(self.ends_with(text(arguments, 0, at)));
  if (name == "split") return split(self, text(arguments, 0, at));
  if (name == "replace") return replace(self, text(arguments, 0, at), text(arguments, 1, at), at);
  if (name == "repeat") return arithmetic("*", Value(self), any(arguments, at), at);
  return std::nullopt;
}

Value join(const List& self, const std::string& separator, Position at) {
  std::string joined;
  for (std::size_t i = 0; i < self.size(); ++i) {
    if (i > 0) joined += separator;
    joined += to_text(self[i]);
    if (joined.size() > (64u << 20)) throw RuntimeError(at, "text longer than 64 MiB");
  }
  return Value(std::move(joined));
}

List sorted(List items, Position at) {
  // stable_sort, because NaN has no order: std::sort may then run off the range.
  // then.
  std::stable_sort(items.begin(), items.end(),
                   [at](const Value& a, const Value& b) { return compare(a, b, at) < 0; });
  return items;
}

Value index_of(const List& self, const Value& item, Position at) {
  for (std::size_t i = 0; i < self.size(); ++i)
    if (equal(self[i], item, at)) return count(i);
  return Value(std::int64_t{-1});
}

Value sum(const List& self, Position at) {
  Value total(std::int64_t{0});
  for (const Value& item : self) total = arithmetic("+", total, item, at);
  return total;
}

// The list is copied first: the function may change it while we walk.
std::optional<Value> list_with_function(Evaluator& evaluator, const std::string& name, List self,
                                        const List& arguments, Position at) {
  if (name != "map" && name != "filter" && name != "each") return std::nullopt;
  List results;
  for (const Value& item : self) {
    Value result = evaluator.call(any(arguments, at), {item}, at);
    if (name == "map") results.push_back(std::move(result));
    if (name == "filter" && is_truthy(result)) results.push_back(item);
  }
  return name == "each" ? Value() : Value::of_list(std::move(results));
}

std::optional<Value> list_method(Evaluator& evaluator, const std::string& name, List& self,
                                 const List& arguments, Position at) {
  if (name == "len") return count(self.size());
  if (name == "is_empty") return Value(self.empty());
  if (name == "first") return self.empty() ? Value() : self.front();
  if (name == "last") return self.empty() ? Value() : self.back();
  if (name == "contains") {
    const Value index = index_of(self, any(arguments, at), at);
    return Value(*index.as<std::int64_t>() >= 0);
  }
  if (name == "index_of") return index_of(self, any(arguments, at), at);
  if (name == "join") return join(self, arguments.empty() ? "" : text(arguments, 0, at), at);
  if (name == "sum") return sum(self, at);
  if (name == "sort") return Value::of_list(sorted(self, at));
  if (name == "reverse") return Value::of_list(List(self.rbegin(), self.rend()));
  if (name == "push") {
    if (self.size() >= kMaxItems) throw RuntimeError(at, "a list of more than 1000000 items");
    self.push_back(any(arguments, at));
    return Value();
  }
  if (name == "pop") {
    if (self.empty()) return Value();
    Value last = std::move(self.back());
    self.pop_back();
    return last;
  }
  return list_with_function(evaluator, name, self, arguments, at);
}

std::optional<Value> map_method(const std::string& name, Map& self, const List& arguments,
                                Position at) {
  if (name == "len") return count(self.size());
  if (name == "is_empty") return Value(self.empty());
  if (name == "contains" || name == "has") return Value(self.contains(text(arguments, 0, at)));
  if (name == "get") {
    const auto entry = self.find(text(arguments, 0, at));
    if (entry != self.end()) return entry->second;
    return arguments.size() > 1 ? arguments[1] : Value();
  }
  if (name == "set") {
    if (arguments.size() != 2) throw RuntimeError(at, "set takes a key and a value");
    self[text(arguments, 0, at)] = arguments[1];
    return Value();
  }
  if (name == "remove") return Value(self.erase(text(arguments, 0, at)) > 0);
  if (name == "keys" || name == "values") {
    List items;
    for (const auto& [key, value] : self) items.push_back(name == "keys" ? Value(key) : value);
    return Value::of_list(std::move(items));
  }
  return std::nullopt;
}

std::optional<Value> number_method(const std::string& name, const Value& self, Position at) {
  const auto* integer = self.as<std::int64_t>();
  const auto* real = self.as<double>();
  if (integer == nullptr && real == nullptr) return std::nullopt;
  if (name == "abs")
    return compare(self, Value(0.0), at) < 0 ? arithmetic("*", self, Value(std::int64_t{-1}), at)
                                             : self;
  if (name == "to_float") return arithmetic("*", self, Value(1.0), at);
  if (name == "to_int" || name == "round") {
    if (integer != nullptr) return self;
    const double whole = name == "round" ? std::round(*real) : std::trunc(*real);
    if (!(std::abs(whole) < 9e18)) throw RuntimeError(at, "integer overflow");
    return Value(static_cast<std::int64_t>(whole));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> call_method(Evaluator& evaluator, const std::string& name,
                                 const Value& receiver, const List& arguments, Position at) {
  if (name == "to_text") return Value(to_text(receiver));
  if (const auto* self = receiver.as<std::string>()) return text_method(name, *self, arguments, at);
  if (List* self = receiver.list()) return list_method(evaluator, name, *self, arguments, at);
  if (Map* self = receiver.map()) return map_method(name, *self, arguments, at);
  return number_method(name, receiver, at);
}

}  // namespace minispec
