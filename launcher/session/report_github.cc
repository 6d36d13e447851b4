#include "session/report_github.h"

#include <fmt/format.h>

#include "session/report_words.h"

namespace specguard::session {
namespace {

// GitHub cuts an annotation at 64 KiB; what people read of one is its beginning.
constexpr std::size_t kMaxMessageBytes = 4096;

// As the runner decodes them (actions/toolkit, command.ts): % first, then line ends; in a property
// also what ends one.
std::string escape(std::string_view text, bool in_property) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (in_property && c == ':')
      out += "%3A";
    else if (in_property && c == ',')
      out += "%2C";
    else if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
      out += '?';
    else
      out += c;
  }
  return out;
}

std::string relative_to(const std::string& file, const std::filesystem::path& workspace) {
  if (workspace.empty()) return file;
  const std::filesystem::path relative =
      std::filesystem::path(file).lexically_normal().lexically_relative(
          workspace.lexically_normal());
  return relative.empty() || relative.native().starts_with("..") ? file : relative.string();
}

std::string annotation(const std::string& file, int line, const std::string& title,
                       std::string message) {
  if (message.size() > kMaxMessageBytes) {
    std::size_t end = kMaxMessageBytes;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
    message = message.substr(0, end) + "...";
  }
  std::string properties;
  if (!file.empty())
    properties = fmt::format("file={},line={},", escape(file, true), std::max(line, 1));
  return fmt::format("::error {}title={}::{}\n", properties, escape(title, true),
                     escape(message, false));
}

std::string message_of(const ReportedTest& test) {
  std::string message;
  for (const base::ExampleResult& example : test.result.examples)
    if (example.status == base::ExampleResult::Status::kFailed)
      message += fmt::format("✗ {}\n{}\n", example.name, example.message);
  return message.empty() ? failure_text(test) : message;
}

}  // namespace

std::string report_github(const SuiteReport& report, const std::filesystem::path& workspace) {
  std::string out;
  for (const ReportedTest& test : report.tests)
    if (test.standing == Standing::kFailed || test.standing == Standing::kUnknown ||
        test.quarantined)
      out += annotation(relative_to(test.file, workspace), test.line, test.name, message_of(test));
  const Counts counts = report.counts();
  const std::size_t missing = counts.left() + counts.of(Standing::kRunning);
  if (missing != 0) {
    const auto& stop = report.history.stop;
    out += annotation("", 0, "tests without a verdict",
                      fmt::format("{} of {} tests have no verdict{}", missing, counts.total(),
                                  stop ? ": " + stop->message : ""));
  }
  return out;
}

}  // namespace specguard::session
