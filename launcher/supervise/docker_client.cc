#include "supervise/docker_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "supervise/docker_frames.h"
#include "sys/environment.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process_control.h"
#include "sys/relay.h"

namespace specguard::supervise {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using nlohmann::json;

constexpr int kExitEngineError = 125;  // docker's client's, for whatever is the daemon's failure
constexpr std::uint64_t kMaxAnswerBytes = 1 << 20;
constexpr std::uint64_t kMaxRequestBytes = 8 << 20;
constexpr std::size_t kMaxSocketPath = 107;  // unix(7)
constexpr int kInput = 0;

struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};
constexpr ApiVersion kOldestVersion{1, 30};  // waits until a container is removed
constexpr ApiVersion kNewestVersion{1, 47};  // whose documentation was read

struct Answer {
  unsigned status = 0;
  json fields = json::object();  // of the object that it is; else none
  std::string version;           // of the daemon's interface
  bool is_docker = true;         // and not podman, which speaks this interface as well

  bool succeeded() const { return status < 300; }
};

// One connection to the daemon. It has no time limit: the attempt has one.
class DockerConnection {
 public:
  explicit DockerConnection(asio::io_context& io) : socket_(io) {}

  base::Result<void> connect(const std::string& path) {
    if (path.size() > kMaxSocketPath) return base::Error(path + ": too long for a socket");
    error_code ec;
    socket_.connect(asio::local::stream_protocol::endpoint(path), ec);
    if (ec) return failed("cannot connect to", ec);
    return {};
  }

  base::Result<void> send(http::verb verb, const std::string& target, const std::string& body,
                          bool as_stream = false) {
    http::request<http::string_body> request{verb, target, 11, body};
    request.set(http::field::host, "docker");
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    if (as_stream) {
      request.set(http::field::connection, "Upgrade");
      request.set(http::field::upgrade, "tcp");
    }
    request.prepare_payload();
    error_code ec;
    http::write(socket_, request, ec);
    if (ec) return failed("cannot ask", ec);
    return {};
  }

  base::Result<Answer> receive() {
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerBytes);
    error_code ec;
    http::read(socket_, buffer_, parser, ec);
    if (ec) return failed("no answer from", ec);
    return answer_of(parser.get());
  }

  base::Result<Answer> ask(http::verb verb, const std::string& target,
                           const std::string& body = {}) {
    SPECGUARD_TRY_VOID(send(verb, target, body));
    return receive();
  }

  // From here on the connection is a stream of bytes, where the daemon agrees.
  base::Result<Answer> become_stream(const std::string& target) {
    SPECGUARD_TRY_VOID(send(http::verb::post, target, {}, true));
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerBytes);
    error_code ec;
    http::read_header(socket_, buffer_, parser, ec);
    if (!ec && parser.get().result_int() >= 300) http::read(socket_, buffer_, parser, ec);
    if (ec) return failed("no answer from", ec);
    return answer_of(parser.get());
  }

  // Of the stream: what came with the answer, and where the rest comes.
  std::string_view arrived() const {
    return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
  }
  int descriptor() { return socket_.native_handle(); }

 private:
  static base::Error failed(std::string_view what, const error_code& ec) {
    return base::Error(fmt::format("{} the Docker daemon: {}", what, ec.message()));
  }

  static Answer answer_of(const http::response<http::string_body>& response) {
    const auto version = response["Api-Version"];
    Answer answer{.status = response.result_int(),
                  .version = std::string(version.data(), version.size()),
                  .is_docker = response.find("Libpod-API-Version") == response.end()};
    const auto body = base::parse_json(response.body(), "the Docker daemon's answer");
    if (body && body->is_object()) answer.fields = *body;
    return answer;
  }

  asio::local::stream_protocol::socket socket_;
  boost::beast::flat_buffer buffer_;
};

std::optional<ApiVersion> parse_version(const std::string& text) {
  ApiVersion version;
  if (std::sscanf(text.c_str(), "%d.%d", &version.major, &version.minor) != 2) return std::nullopt;
  return version;
}

// A field of an answer, which is not trusted to have it; nullptr where it has not.
const json* field_of(const Answer& answer, const char* key) {
  const auto field = answer.fields.find(key);
  return field != answer.fields.end() ? &*field : nullptr;
}

std::string text_in(const Answer& answer, const char* key) {
  const json* const field = field_of(answer, key);
  return field != nullptr && field->is_string() ? field->get<std::string>() : std::string();
}

bool is_container_id(const std::string& text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

// As docker's client says it.
int client_error(const std::string& message) {
  fmt::print(stderr, "docker: {}.\n", base::printable(message, 4096));
  return kExitEngineError;
}

int daemon_refusal(const Answer& answer) {
  const std::string message = text_in(answer, "message");
  return client_error("Error response from daemon: " +
                      (message.empty() ? fmt::format("status {}", answer.status) : message));
}

// The request as it is sent: with the values of the environment.
base::Result<std::string> read_request(const std::string& file) {
  SPECGUARD_TRY(const std::string text, sys::read_file(file, kMaxRequestBytes));
  SPECGUARD_TRY(json request, base::parse_json(text, file));
  json environment = json::array();
  for (const json& entry : request["Env"]) {
    const auto word = entry.get<std::string>();
    const bool has_value = word.find('=') != std::string::npos;
    const auto value = has_value ? std::nullopt : sys::environment_variable(word.c_str());
    if (has_value) environment.push_back(word);
    if (value) environment.push_back(word + "=" + *value);
  }
  request["Env"] = std::move(environment);
  return base::dump_json(request);
}

void print_to_stream(int stream, std::string_view text) {
  [[maybe_unused]] const auto written = sys::write_all(stream, std::as_bytes(std::span(text)));
}

// One container, from its creation to its removal.
class ContainerRun {
 public:
  explicit ContainerRun(DockerRun run) : run_(std::move(run)) {}

  // The exit code; nullopt: there is no container, and docker's client may have it.
  std::optional<int> run() {
    const auto created = create();
    if (!created) return std::nullopt;
    if (!created->ok()) return client_error(created->error().message());
    if (!start()) return kExitEngineError;
    carry_streams();
    return exit_code();
  }

 private:
  std::string path(std::string_view action) const { return prefix_ + id_ + std::string(action); }

  // nullopt: it was not created. The Error: it may have been.
  std::optional<base::Result<void>> create() {
    const auto request = read_request(run_.request_file);
    if (!request || !connection_.connect(run_.socket)) return std::nullopt;
    const auto ping = connection_.ask(http::verb::get, "/_ping");
    if (!ping || !ping->succeeded() || !ping->is_docker) return std::nullopt;
    const auto version = parse_version(ping->version);
    if (!version || *version < kOldestVersion) return std::nullopt;
    const ApiVersion used = std::min(*version, kNewestVersion);
    prefix_ = fmt::format("/v{}.{}/containers/", used.major, used.minor);
    const auto answer =
        connection_.ask(http::verb::post, prefix_ + "create?name=" + run_.name, *request);
    if (answer && !answer->succeeded()) return std::nullopt;
    if (answer) return note_created(*answer);
    // The keeper removes only what was created, as far as it is told.
    [[maybe_unused]] const auto noted = sys::replace_file(run_.id_file, run_.name);
    return answer.error();
  }

  base::Result<void> note_created(const Answer& answer) {
    id_ = text_in(answer, "Id");
    if (!is_container_id(id_))
      return base::Error("the Docker daemon's answer has no id of the container");
    if (const json* const warnings = field_of(answer, "Warnings"))
      for (const json& warning : *warnings)
        if (warning.is_string())
          fmt::print(stderr, "WARNING: {}\n", base::printable(warning.get<std::string>(), 1024));
    return sys::replace_file(run_.id_file, id_);
  }

  // Attached before it starts, so that nothing it prints is lost, and waiting for its removal, so
  // that it cannot be missed. False: it was said why not.
  bool start() {
    const auto attached = attach();
    if (!attached || !attached->succeeded()) return say(attached);
    if (const auto waiting = wait_for_removal(); !waiting) {
      client_error(waiting.error().message());
      return false;
    }
    const auto started = connection_.ask(http::verb::post, path("/start"));
    return (started && started->succeeded()) || say(started);
  }

  base::Result<Answer> attach() {
    SPECGUARD_TRY_VOID(stream_.connect(run_.socket));
    return stream_.become_stream(path("/attach?stream=1&stdin=1&stdout=1&stderr=1"));
  }

  base::Result<void> wait_for_removal() {
    SPECGUARD_TRY_VOID(removal_.connect(run_.socket));
    return removal_.send(http::verb::post, path("/wait?condition=removed"), {});
  }

  static bool say(const base::Result<Answer>& answer) {
    answer ? daemon_refusal(*answer) : client_error(answer.error().message());
    return false;
  }

  // A stream that breaks off is told by the answer about the end.
  void carry_streams() {
    DockerFrames frames;
    frames.take(stream_.arrived(), print_to_stream);
    [[maybe_unused]] const auto carried =
        sys::relay(stream_.descriptor(), kInput,
                   [&](std::string_view bytes) { frames.take(bytes, print_to_stream); });
  }

  int exit_code() {
    const auto ended = removal_.receive();
    if (!ended) return client_error("error waiting for container: " + ended.error().message());
    if (!ended->succeeded()) return daemon_refusal(*ended);
    const json* const code = field_of(*ended, "StatusCode");
    return code != nullptr && code->is_number_integer() ? code->get<int>() : kExitEngineError;
  }

  DockerRun run_;
  asio::io_context io_{1};
  DockerConnection connection_{io_};
  DockerConnection stream_{io_};
  DockerConnection removal_{io_};
  std::string prefix_;
  std::string id_;
};

}  // namespace

std::vector<std::string> docker_client_command(const std::string& launcher, const DockerRun& run,
                                               const std::vector<std::string>& client) {
  std::vector<std::string> words = {
      launcher, std::string(kDockerClient), run.socket, run.request_file, run.name, run.id_file};
  words.insert(words.end(), client.begin(), client.end());
  return words;
}

base::Result<int> run_docker_client(std::span<char*> words) {
  constexpr std::size_t kSettings = 4;
  if (words.size() <= kSettings)
    return base::Error("docker-client is the launcher's own, below a keeper");
  ContainerRun run(
      {.socket = words[0], .request_file = words[1], .name = words[2], .id_file = words[3]});
  if (const auto exit_code = run.run()) return *exit_code;
  std::vector<char*> client(words.begin() + kSettings, words.end());
  client.push_back(nullptr);
  return sys::execute(client.data());
}

}  // namespace specguard::supervise
