#include "value.h"

#include <charconv>
#include <optional>
#include <utility>

namespace minispec {
namespace {

constexpr int kMaxShownDepth = 20;
constexpr int kMaxComparedDepth = 200;
constexpr std::size_t kMaxShownBytes = 64 << 10;

bool equal_at(const Value& left, const Value& right, Position at, int depth) {
  if (depth > kMaxComparedDepth) throw RuntimeError(at, "values nested too deep to compare");
  const auto* left_integer = left.as<std::int64_t>();
  const auto* right_integer = right.as<std::int64_t>();
  const auto* left_float = left.as<double>();
  const auto* right_float = right.as<double>();
  if (left_integer != nullptr && right_float != nullptr)
    return static_cast<double>(*left_integer) == *right_float;
  if (left_float != nullptr && right_integer != nullptr)
    return *left_float == static_cast<double>(*right_integer);
  if (left.data.index() != right.data.index()) return false;
  if (const List* a = left.list()) {
    const List* b = right.list();
    if (a->size() != b->size()) return false;
    for (std::size_t i = 0; i < a->size(); ++i)
      if (!equal_at((*a)[i], (*b)[i], at, depth + 1)) return false;
    return true;
  }
  if (const Map* a = left.map()) {
    const Map* b = right.map();
    if (a->size() != b->size()) return false;
    for (const auto& [key, value] : *a) {
      const auto other = b->find(key);
      if (other == b->end() || !equal_at(value, other->second, at, depth + 1)) return false;
    }
    return true;
  }
  return left.data == right.data;
}

std::string number_text(double number) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  std::string text(buffer, end);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

void append(std::string& out, const Value& value, bool quoted, int depth) {
  if (depth > kMaxShownDepth || out.size() > kMaxShownBytes) {
    out += "...";
  } else if (value.is_nil()) {
    out += "nil";
  } else if (const bool* flag = value.as<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const auto* integer = value.as<std::int64_t>()) {
    out += std::to_string(*integer);
  } else if (const auto* number = value.as<double>()) {
    out += number_text(*number);
  } else if (const auto* text = value.as<std::string>()) {
    out += quoted ? "\"" + *text + "\"" : *text;
  } else if (const List* list = value.list()) {
    const char* separator = "[";
    for (const Value& item : *list) {
      out += std::exchange(separator, ", ");
      append(out, item, true, depth + 1);
    }
    out += list->empty() ? "[]" : "]";
  } else if (const Map* map = value.map()) {
    const char* separator = "{";
    for (const auto& [key, entry] : *map) {
      out += std::exchange(separator, ", ") + key + ": ";
      append(out, entry, true, depth + 1);
    }
    out += map->empty() ? "{}" : "}";
  } else {
    out += "fn " + (*value.as<std::shared_ptr<Function>>())->name;
  }
}

}  // namespace

// The outermost call owns the queue and empties it; those that it causes only add to it, so nesting
// costs no stack.
void release_later(Value&& value) {
  static std::vector<Value>* queue = nullptr;
  if (value.list() == nullptr && value.map() == nullptr &&
      value.as<std::shared_ptr<Function>>() == nullptr)
    return;
  if (queue != nullptr) {
    queue->push_back(std::move(value));
    return;
  }
  std::vector<Value> own;
  queue = &own;
  own.push_back(std::move(value));
  while (!own.empty()) {
    const Value last = std::move(own.back());
    own.pop_back();
  }
  queue = nullptr;
}

SharedList::~SharedList() {
  for (Value& item : items) release_later(std::move(item));
}

SharedMap::~SharedMap() {
  for (auto& [key, value] : entries) release_later(std::move(value));
}

Value Value::of_list(List items) {
  Value value;
  value.data = std::make_shared<SharedList>(SharedList{std::move(items)});
  return value;
}

Value Value::of_map(Map entries) {
  Value value;
  value.data = std::make_shared<SharedMap>(SharedMap{std::move(entries)});
  return value;
}

List* Value::list() const {
  const auto* shared = as<std::shared_ptr<SharedList>>();
  return shared == nullptr ? nullptr : &(*shared)->items;
}

Map* Value::map() const {
  const auto* shared = as<std::shared_ptr<SharedMap>>();
  return shared == nullptr ? nullptr : &(*shared)->entries;
}

bool is_truthy(const Value& value) {
  const bool* flag = value.as<bool>();
  return flag != nullptr ? *flag : !value.is_nil();
}

bool equal(const Value& left, const Value& right, Position at) {
  return equal_at(left, right, at, 0);
}

int compare(const Value& left, const Value& right, Position at) {
  const auto number = [](const Value& value) -> std::optional<double> {
    if (const auto* integer = value.as<std::int64_t>()) return static_cast<double>(*integer);
    if (const auto* real = value.as<double>()) return *real;
    return std::nullopt;
  };
  if (left.as<std::int64_t>() != nullptr && right.as<std::int64_t>() != nullptr) {
    const std::int64_t a = *left.as<std::int64_t>();
    const std::int64_t b = *right.as<std::int64_t>();
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const std::optional<double> a = number(left);
  const std::optional<double> b = number(right);
  if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
  const auto* left_text = left.as<std::string>();
  const auto* right_text = right.as<std::string>();
  if (left_text != nullptr && right_text != nullptr) return left_text->compare(*right_text);
  throw RuntimeError(at,
                     std::string("cannot order ") + type_name(left) + " and " + type_name(right));
}

std::string to_text(const Value& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  return show(value);
}

std::string show(const Value& value) {
  std::string out;
  append(out, value, true, 0);
  return out;
}

const char* type_name(const Value& value) {
  static constexpr const char* kNames[] = {"nil",  "bool", "int", "float",
                                           "text", "list", "map", "function"};
  return kNames[value.data.index()];
}

}  // namespace minispec
