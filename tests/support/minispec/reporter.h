// minispec, a TEST FIXTURE of SpecGuard: prints what the real interpreter prints.
//
// Interpreted form, with its colours:   ✓ name   ✗ name + a line why   ○ name (skipped)
// and "N examples, M failures" after every top-level group, skipped examples included in N.
// Compiled form:   it NAME ... ok|FAILED|pending|skipped (reason)
// Every line is flushed, so that a reader sees it even when the program dies in the next one.
#pragma once

#include <string>
#include <string_view>

namespace minispec {

enum class Form { kInterpreted, kCompiled };
enum class Colours { kYes, kNo };

class Reporter {
 public:
  Reporter(Form form, Colours colours) : form_(form), colours_(colours) {}

  void begin_group(const std::string& title);
  void end_group();
  void passed(const std::string& title);
  void failed(const std::string& title, const std::string& message);
  void skipped(const std::string& title, const std::string& reason);
  void pending(const std::string& title);

  // The line that newer interpreters end with; outcome is OK, ERROR or CRASHED.
  void verdict(const std::string& path, std::string_view outcome, int declared) const;

  int executed() const { return all_.examples; }
  int failures() const { return all_.failures; }
  int skips() const { return all_.skips; }

 private:
  struct Counts {
    int examples = 0;  // failed and skipped ones included
    int failures = 0;
    int skips = 0;
  };
  enum class Colour { kGreen = 32, kRed = 31, kYellow = 33 };

  void line(int depth, Colour colour, const std::string& text) const;
  void compiled(const std::string& title, const std::string& result) const;
  void count(int failures, int skips);

  Form form_;
  Colours colours_;
  int depth_ = 0;
  Counts group_;
  Counts all_;
};

// One line on stdout, flushed.
void print_line(const std::string& text);

}  // namespace minispec
