#include "reporter.h"

#include <cstdio>

namespace minispec {
namespace {

std::string plural(int count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string indent(int depth) {
  return std::string(static_cast<std::size_t>(depth) * 2, ' ');
}

}  // namespace

void print_line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void Reporter::line(int depth, Colour colour, const std::string& text) const {
  if (colours_ == Colours::kNo) return print_line(indent(depth) + text);
  print_line(indent(depth) + "\x1b[" + std::to_string(static_cast<int>(colour)) + "m" + text +
             "\x1b[0m");
}

void Reporter::compiled(const std::string& title, const std::string& result) const {
  print_line(indent(depth_ + 1) + "it " + title + " ... " + result);
}

void Reporter::count(int failures, int skips) {
  for (Counts* counts : {&group_, &all_}) {
    ++counts->examples;
    counts->failures += failures;
    counts->skips += skips;
  }
}

void Reporter::begin_group(const std::string& title) {
  print_line(indent(depth_) + title);
  ++depth_;
}

void Reporter::end_group() {
  if (--depth_ > 0) return;
  if (form_ == Form::kInterpreted) {
    print_line("");
    line(0, group_.failures == 0 ? Colour::kGreen : Colour::kRed,
         plural(group_.examples, "example") + ", " + plural(group_.failures, "failure"));
  }
  group_ = {};
}

void Reporter::passed(const std::string& title) {
  count(0, 0);
  if (form_ == Form::kCompiled) return compiled(title, "ok");
  line(depth_, Colour::kGreen, "✓ " + title);
}

void Reporter::failed(const std::string& title, const std::string& message) {
  count(1, 0);
  if (form_ == Form::kCompiled) {
    compiled(title, "FAILED");
    return print_line(indent(depth_ + 2) + "Error: " + message);
  }
  line(depth_, Colour::kRed, "✗ " + title);
  line(depth_ + 1, Colour::kRed, message);
}

void Reporter::skipped(const std::string& title, const std::string& reason) {
  count(0, 1);
  if (form_ == Form::kCompiled) return compiled(title, "skipped (" + reason + ")");
  line(depth_, Colour::kYellow, "○ " + title + " (skipped)");
}

void Reporter::pending(const std::string& title) {
  count(0, 1);
  if (form_ == Form::kCompiled) return compiled(title, "pending");
  line(depth_, Colour::kYellow, "○ " + title + " (skipped)");
}

void Reporter::verdict(const std::string& path, std::string_view outcome, int declared) const {
  const int dropped = outcome == "OK" && declared > all_.examples ? declared - all_.examples : 0;
  print_line("SPEC FILE VERDICT: " + path + " outcome=" + std::string(outcome) + " declared>=" +
             std::to_string(declared) + " executed=" + std::to_string(all_.examples) +
             " passed=" + std::to_string(all_.examples - all_.failures - all_.skips) +
             " failed=" + std::to_string(all_.failures) + " skipped=" + std::to_string(all_.skips) +
             " dropped=" + std::to_string(dropped));
}

}  // namespace minispec
