// minispec, a TEST FIXTURE of SpecGuard: operators, methods of values, and functions such as
// read_file. Every one throws RuntimeError on a wrong argument.
#pragma once

#include <optional>
#include <string>

#include "value.h"

namespace minispec {

class Evaluator;

// + - * / % // ** on numbers, + on text and lists, * of text and a number. Overflow is an error.
Value arithmetic(const std::string& operation, const Value& left, const Value& right, Position at);

// What a for loop goes over: the items of a list, the keys of a map, the characters of a text.
List items_of(const Value& value, Position at);

// The place in the list, counted from the end where negative; RuntimeError outside the list.
std::size_t list_index(const List& list, const Value& index, Position at);

// receiver.name(arguments); nullopt where the type has no such method.
std::optional<Value> call_method(Evaluator& evaluator, const std::string& name,
                                 const Value& receiver, const List& arguments, Position at);

bool is_builtin(const std::string& name);
Value call_builtin(const std::string& name, const List& arguments, Position at);

}  // namespace minispec
