#include "builtins.h"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

namespace minispec {
namespace {

constexpr std::size_t kMaxTextBytes = 64 << 20;
constexpr std::int64_t kMaxItems = 1'000'000;

[[noreturn]] void refuse(const std::string& what, Position at) {
  throw RuntimeError(at, what);
}

const std::string& text(const List& arguments, std::size_t index, Position at) {
  const auto* found = arguments[index].as<std::string>();
  if (found == nullptr)
    refuse(std::string("expected text, got ") + type_name(arguments[index]), at);
  return *found;
}

std::int64_t integer(const List& arguments, std::size_t index, Position at) {
  const auto* found = arguments[index].as<std::int64_t>();
  if (found == nullptr)
    refuse(std::string("expected an int, got ") + type_name(arguments[index]), at);
  return *found;
}

std::int64_t power(std::int64_t base, std::int64_t exponent, Position at) {
  if (exponent < 0) refuse("a negative power of an int", at);
  if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
  std::int64_t result = 1;
  for (; exponent > 0; --exponent)
    if (__builtin_mul_overflow(result, base, &result)) {
      if (base == -1) return exponent % 2 == 0 ? 1 : -1;
      refuse("integer overflow", at);
    }
  return result;
}

Value integer_arithmetic(const std::string& operation, std::int64_t a, std::int64_t b,
                         Position at) {
  std::int64_t result = 0;
  bool overflow = false;
  if (operation == "+") {
    overflow = __builtin_add_overflow(a, b, &result);
  } else if (operation == "-") {
    overflow = __builtin_sub_overflow(a, b, &result);
  } else if (operation == "*") {
    overflow = __builtin_mul_overflow(a, b, &result);
  } else if (operation == "**") {
    result = power(a, b, at);
  } else {
    if (b == 0) refuse("division by zero", at);
    overflow = a == INT64_MIN && b == -1;
    if (!overflow) result = operation == "%" ? a % b : a / b;
  }
  if (overflow) refuse("integer overflow", at);
  return Value(result);
}

Value float_arithmetic(const std::string& operation, double a, double b) {
  if (operation == "+") return Value(a + b);
  if (operation == "-") return Value(a - b);
  if (operation == "*") return Value(a * b);
  if (operation == "/") return Value(a / b);
  if (operation == "//") return Value(std::floor(a / b));
  if (operation == "%") return Value(std::fmod(a, b));
  return Value(std::pow(a, b));
}

std::optional<double> number(const Value& value) {
  if (const auto* real = value.as<double>()) return *real;
  if (const auto* whole = value.as<std::int64_t>()) return static_cast<double>(*whole);
  return std::nullopt;
}

Value repeat(const std::string& unit, std::int64_t times, Position at) {
  if (times < 0 ||
      (!unit.empty() && static_cast<std::uint64_t>(times) > kMaxTextBytes / unit.size()))
    refuse("text longer than 64 MiB", at);
  std::string result;
  result.reserve(unit.size() * static_cast<std::size_t>(times));
  for (; times > 0 && !unit.empty(); --times) result += unit;
  return Value(std::move(result));
}

Value range(const List& arguments, Position at) {
  const std::int64_t first = arguments.size() > 1 ? integer(arguments, 0, at) : 0;
  const std::int64_t last = integer(arguments, arguments.size() - 1, at);
  std::int64_t count = 0;
  if (__builtin_sub_overflow(last, first, &count) || count > kMaxItems)
    refuse("a range of more than 1000000 items", at);
  List items;
  for (std::int64_t i = first; i < last; ++i) items.emplace_back(i);
  return Value::of_list(std::move(items));
}

Value read_file(const List& arguments, Position at) {
  std::ifstream file(text(arguments, 0, at), std::ios::binary);
  std::string content;
  char buffer[65536];
  while (file && content.size() <= kMaxTextBytes) {
    file.read(buffer, sizeof buffer);
    content.append(buffer, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) refuse("cannot read " + text(arguments, 0, at), at);
  return Value(std::move(content));
}

Value write_file(const List& arguments, Position at, std::ios::openmode mode) {
  std::ofstream file(text(arguments, 0, at), std::ios::binary | mode);
  file << to_text(arguments[1]) << std::flush;
  if (!file) refuse("cannot write " + text(arguments, 0, at), at);
  return {};
}

Value sleep_ms(const List& arguments, Position at) {
  const std::int64_t duration = integer(arguments, 0, at);
  if (duration < 0 || duration > 86'400'000) refuse("sleep_ms takes 0 to a day", at);
  std::this_thread::sleep_for(std::chrono::milliseconds(duration));
  return {};
}

Value environment(const List& arguments, Position at) {
  const char* found = std::getenv(text(arguments, 0, at).c_str());
  return found == nullptr ? Value() : Value(std::string(found));
}

Value leave(const List& arguments, Position at) {
  throw ExitRequest{static_cast<int>(integer(arguments, 0, at) & 0xff)};
}

Value raise(const List& arguments, Position at) {
  refuse(to_text(arguments[0]), at);
}

Value file_exists(const List& arguments, Position at) {
  std::error_code error;
  return Value(std::filesystem::exists(text(arguments, 0, at), error));
}

Value remove_file(const List& arguments, Position at) {
  std::error_code error;
  return Value(std::filesystem::remove(text(arguments, 0, at), error));
}

struct Builtin {
  std::size_t min_arguments;
  std::size_t max_arguments;
  Value (*run)(const List& arguments, Position at);
};

const std::map<std::string, Builtin, std::less<>>& builtins() {
  static const std::map<std::string, Builtin, std::less<>> kBuiltins = {
      {"range", {1, 2, range}},
      {"read_file", {1, 1, read_file}},
      {"write_file",
       {2, 2, [](const List& a, Position at) { return write_file(a, at, std::ios::trunc); }}},
      {"append_file",
       {2, 2, [](const List& a, Position at) { return write_file(a, at, std::ios::app); }}},
      {"file_exists", {1, 1, file_exists}},
      {"remove_file", {1, 1, remove_file}},
      {"sleep_ms", {1, 1, sleep_ms}},
      {"env", {1, 1, environment}},
      {"exit", {1, 1, leave}},
      {"raise", {1, 1, raise}},
      {"panic", {1, 1, raise}},
      {"text", {1, 1, [](const List& a, Position) { return Value(to_text(a[0])); }}},
      {"type_of",
       {1, 1, [](const List& a, Position) { return Value(std::string(type_name(a[0]))); }}},
  };
  return kBuiltins;
}

}  // namespace

Value arithmetic(const std::string& operation, const Value& left, const Value& right, Position at) {
  const auto* a = left.as<std::int64_t>();
  const auto* b = right.as<std::int64_t>();
  if (a != nullptr && b != nullptr) return integer_arithmetic(operation, *a, *b, at);
  const auto x = number(left);
  const auto y = number(right);
  if (x && y) return float_arithmetic(operation, *x, *y);

  const auto* left_text = left.as<std::string>();
  if (operation == "*" && left_text != nullptr && b != nullptr) return repeat(*left_text, *b, at);
  if (operation == "+" && left_text != nullptr) {
    std::string joined = *left_text + to_text(right);
    if (joined.size() > kMaxTextBytes) refuse("text longer than 64 MiB", at);
    return Value(std::move(joined));
  }
  if (operation == "+" && left.list() != nullptr && right.list() != nullptr) {
    List joined = *left.list();
    joined.insert(joined.end(), right.list()->begin(), right.list()->end());
    if (joined.size() > static_cast<std::size_t>(kMaxItems))
      refuse("a list of more than 1000000 items", at);
    return Value::of_list(std::move(joined));
  }
  refuse(std::string("cannot apply '") + operation + "' to " + type_name(left) + " and " +
             type_name(right),
         at);
}

List items_of(const Value& value, Position at) {
  if (const List* list = value.list()) return *list;
  List items;
  if (const Map* map = value.map()) {
    for (const auto& [key, entry] : *map) items.emplace_back(key);
    return items;
  }
  const auto* whole = value.as<std::string>();
  if (whole == nullptr) refuse(std::string("cannot go over ") + type_name(value), at);
  for (std::size_t i = 0; i < whole->size();) {  // one item a UTF-8 character
    std::size_t end = i + 1;
    while (end < whole->size() && (static_cast<unsigned char>((*whole)[end]) & 0xC0) == 0x80) ++end;
    items.emplace_back(whole->substr(i, end - i));
    i = end;
  }
  return items;
}

std::size_t list_index(const List& list, const Value& index, Position at) {
  const auto* position = index.as<std::int64_t>();
  if (position == nullptr) refuse("an index is an int", at);
  const auto size = static_cast<std::int64_t>(list.size());
  const std::int64_t from_start = *position < 0 ? *position + size : *position;
  if (from_start < 0 || from_start >= size)
    refuse("index " + std::to_string(*position) + " is outside a list of " + std::to_string(size),
           at);
  return static_cast<std::size_t>(from_start);
}

bool is_builtin(const std::string& name) {
  return builtins().contains(name);
}

Value call_builtin(const std::string& name, const List& arguments, Position at) {
  const Builtin& builtin = builtins().at(name);
  if (arguments.size() < builtin.min_arguments || arguments.size() > builtin.max_arguments)
    refuse("function '" + name + "' takes " + std::to_string(builtin.max_arguments) +
               " argument(s), and got " + std::to_string(arguments.size()),
           at);
  return builtin.run(arguments, at);
}

}  // namespace minispec
