// minispec, a TEST FIXTURE of SpecGuard: the values of a running program.
//
// Text and numbers are values; lists and maps are shared, as the language has it. Destruction and
// comparison of deeply nested ones never overflow the stack.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ast.h"

namespace minispec {

class Scope;
struct Value;
using List = std::vector<Value>;
using Map = std::map<std::string, Value>;

// A list with a destructor that frees nested lists one after another instead of recursively.
struct SharedList {
  List items;
  ~SharedList();
};

struct SharedMap {
  Map entries;
  ~SharedMap();
};

// A function of the program (body and scope), or a builtin (name alone).
struct Function {
  std::string name;
  const std::vector<std::string>* parameters = nullptr;
  const Node* body = nullptr;
  std::shared_ptr<Scope> scope;
};

struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, std::shared_ptr<SharedList>,
               std::shared_ptr<SharedMap>, std::shared_ptr<Function>>
      data;

  Value() = default;
  explicit Value(bool value) : data(value) {}
  explicit Value(std::int64_t value) : data(value) {}
  explicit Value(double value) : data(value) {}
  explicit Value(std::string value) : data(std::move(value)) {}
  explicit Value(std::shared_ptr<Function> value) : data(std::move(value)) {}
  static Value of_list(List items);
  static Value of_map(Map entries);

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  List* list() const;  // nullptr where it is no list
  Map* map() const;
  bool is_nil() const { return std::holds_alternative<std::monostate>(data); }
};

// Destroys a value that may hold a long chain of others, without recursion.
void release_later(Value&& value);

// nil and false are false; everything else is true.
bool is_truthy(const Value& value);

// The same number (whatever its type), the same text, lists and maps item by item.
bool equal(const Value& left, const Value& right, Position at);

// Negative, zero or positive; RuntimeError where the two have no order.
int compare(const Value& left, const Value& right, Position at);

// As print shows it; show() also puts quotes around text, as failure messages do.
std::string to_text(const Value& value);
std::string show(const Value& value);

// "text", "int", "list", ... for messages.
const char* type_name(const Value& value);

}  // namespace minispec
