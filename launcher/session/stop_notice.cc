#include "session/stop_notice.h"

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "sys/file.h"

namespace specguard::session {
namespace {

constexpr std::string_view kFileName = "stop.json";

std::string text_of(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

base::Result<void> post_stop(const std::filesystem::path& session_directory,
                             const StopNotice& notice) {
  std::error_code error;
  const auto path = session_directory / kFileName;
  if (std::filesystem::exists(path, error)) return {};
  return sys::replace_file(
      path,
      base::dump_json({{"version", 1}, {"kind", notice.kind}, {"message", notice.message}}) + "\n",
      sys::Durability::kDurable);
}

std::optional<StopNotice> read_stop(const std::filesystem::path& session_directory) {
  const auto path = session_directory / kFileName;
  const auto text = sys::read_file(path, 64 * 1024);
  if (!text && text.error().errno_value() == ENOENT) return std::nullopt;
  if (!text) return StopNotice{.kind = "unknown", .message = text.error().message()};
  const auto json = base::parse_json(*text, path.string());
  if (!json) return StopNotice{.kind = "unknown", .message = json.error().message()};
  return StopNotice{.kind = text_of(*json, "kind"), .message = text_of(*json, "message")};
}

}  // namespace specguard::session
