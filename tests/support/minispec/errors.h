// minispec, a TEST FIXTURE of SpecGuard: positions in a source file, and the errors that name them.
// Exceptions are this program's way out of deep recursion; main() turns each into an exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace minispec {

// 1-based; columns count bytes.
struct Position {
  int line = 1;
  int column = 1;
};

// The file is no program of our subset.
class SyntaxError : public std::runtime_error {
 public:
  SyntaxError(Position at, const std::string& message) : std::runtime_error(message), at_(at) {}
  Position at() const { return at_; }

 private:
  Position at_;
};

// The program did what it may not: divided by zero, called what is no function, raised an error.
class RuntimeError : public std::runtime_error {
 public:
  RuntimeError(Position at, const std::string& message) : std::runtime_error(message), at_(at) {}
  Position at() const { return at_; }

 private:
  Position at_;
};

// exit(code): unwinds to main().
struct ExitRequest {
  int code;
};

// skip("reason") or pending("reason") inside an example: ends that example.
struct SkipRequest {
  std::string reason;
};

// Recursion, of the parser over nested source and of the evaluator over calls, is bounded by the
// stack that is really left, so no input overflows it whatever the build's frame size. Call once
// from main().
void remember_stack_base();

// True when three quarters of the stack are used.
bool stack_is_exhausted();

}  // namespace minispec
