// Result<T>: the outcome of an operation that can fail, and the Error that says why.
//
// Bands of failure never mix: how a test ended is data (Outcome, outcome.h); an operation that
// failed is a Result; our own bug is SPECGUARD_CHECK (check.h). No exception crosses a room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace specguard::base {

// Why an operation failed, in words a user can act on: "append record to <file>: No space left on
// device".
class Error {
 public:
  explicit Error(std::string message, int errno_value = 0)
      : message_(std::move(message)), errno_value_(errno_value) {}

  // "<what>: <strerror(errno_value)>".
  static Error from_errno(std::string_view what, int errno_value);

  const std::string& message() const { return message_; }

  // The system's error number, or 0 where the failure was none of the system's.
  int errno_value() const { return errno_value_; }

  // The same error seen one room further up: "<context>: <message>".
  Error with_context(std::string_view context) const;

 private:
  std::string message_;
  int errno_value_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    SPECGUARD_CHECK(ok(), "value() of a failed Result");
    return std::get<0>(state_);
  }
  const T& value() const& {
    SPECGUARD_CHECK(ok(), "value() of a failed Result");
    return std::get<0>(state_);
  }
  T&& value() && {
    SPECGUARD_CHECK(ok(), "value() of a failed Result");
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T fallback) && { return ok() ? std::move(*this).value() : std::move(fallback); }

  const Error& error() const {
    SPECGUARD_CHECK(!ok(), "error() of a successful Result");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }

  const Error& error() const {
    SPECGUARD_CHECK(!ok(), "error() of a successful Result");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace specguard::base

#define SPECGUARD_CONCAT_(a, b) a##b
#define SPECGUARD_CONCAT(a, b) SPECGUARD_CONCAT_(a, b)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
// SPECGUARD_TRY(auto file, open_file(path)); returns the error from the enclosing function, else
// binds the value.
#define SPECGUARD_TRY(declaration, expression)                 \
  auto SPECGUARD_CONCAT(try_result_, __LINE__) = (expression); \
  if (!SPECGUARD_CONCAT(try_result_, __LINE__))                \
    return SPECGUARD_CONCAT(try_result_, __LINE__).error();    \
  declaration = std::move(SPECGUARD_CONCAT(try_result_, __LINE__)).value()
// NOLINTEND(bugprone-macro-parentheses)

// The same for Result<void>.
#define SPECGUARD_TRY_VOID(expression) \
  if (auto try_result = (expression); !try_result) return try_result.error()
