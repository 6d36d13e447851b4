// Docker by its socket and by its own client: one container whichever it was, and the client
// wherever it knows more than we do.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "engine_fixture.h"

namespace specguard::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

using Environment = std::map<std::string, std::string>;

// A setting that docker's client alone understands; the daemon of the tests speaks this version.
const Environment kByClient = {{"DOCKER_API_VERSION", "1.41"}};

class DockerClientTest : public ContainerTest {
 protected:
  RunOptions with(const Environment& environment) const {
    RunOptions options = run_options();
    for (const auto& [name, value] : environment) options.environment[name] = value;
    return options;
  }

  // A `docker` that says that it was asked, first in PATH.
  Environment with_telling_client(Environment environment) const {
    const auto program =
        directory().write("bin/docker", "#!/bin/sh\necho Error: it is the client >&2\nexit 125\n");
    std::filesystem::permissions(program, std::filesystem::perms(0755));
    environment["PATH"] =
        (directory() / "bin").string() + ":" + run_options().environment.at("PATH");
    return environment;
  }

  // What docker makes of the container, while the test in it waits for the file "go".
  json container_made(const Environment& environment) const;
};

INSTANTIATE_TEST_SUITE_P(Engines, DockerClientTest, ::testing::Values("docker"),
                         [](const auto& row) { return row.param; });

// What differs from one container to the next, as it may.
std::string without_names(std::string text, const std::string& container) {
  for (std::size_t at = 0; (at = text.find(container, at)) != std::string::npos;)
    text.replace(at, container.size(), "NAME");
  return text;
}

// An empty list, an empty object and none are one.
void drop_empty(json& object) {
  for (auto field = object.begin(); field != object.end();)
    field = field->is_null() || (field->is_structured() && field->empty()) ? object.erase(field)
                                                                           : std::next(field);
}

// In one order, and without the attempt's own and what only says which way it is.
json comparable(const json& environment) {
  std::set<std::string> entries;
  for (const auto& entry : environment.get<std::vector<std::string>>())
    if (!entry.starts_with("SPECGUARD_ATTEMPT=") && !entry.starts_with("DOCKER_API_VERSION="))
      entries.insert(entry);
  return entries;
}

json DockerClientTest::container_made(const Environment& environment) const {
  Background started(
      command(
          {"--scratch", "--memory", "64M", "--cpus", "0.25", "--pids", "9", "--network", "host"},
          {"sh", "-c", "while ! test -e /tmp/go; do sleep 0.05; done", "", "a b"}),
      with(environment));
  std::vector<std::string> names;
  EXPECT_TRUE(
      wait_until([&] { return !(names = containers()).empty(); }, std::chrono::seconds(60)));
  if (names.empty()) return {};
  EXPECT_TRUE(wait_until([&] {
    return engine().ask({"inspect", "--format", "{{.State.Running}}", names[0]}).out == "true\n";
  }));
  const RunResult seen =
      engine().ask({"inspect", "--format",
                    "{\"config\":{{json .Config}},\"host\":{{json .HostConfig}}}", names[0]});
  EXPECT_EQ(engine().ask({"exec", names[0], "touch", "/tmp/go"}).exit_code, 0);
  EXPECT_EQ(started.wait().exit_code, 0);
  json made = json::parse(without_names(seen.out, names[0]));
  made["config"].erase("Hostname");
  made["host"].erase("ContainerIDFile");  // a note of the client's
  for (const char* label : {"org.specguard.attempt", "org.specguard.owner"})
    EXPECT_EQ(made["config"]["Labels"].erase(label), 1u) << label;
  drop_empty(made["host"]);
  made["config"]["Env"] = comparable(made["config"]["Env"]);
  return made;
}

TEST_P(DockerClientTest, BothWaysMakeTheSameContainer) {
  give_to_ordinary_user(build());
  const Environment added = {{"SPECGUARD_TEST_WORD", "a=b, c"}};
  Environment by_client = kByClient;
  by_client.insert(added.begin(), added.end());
  const json by_socket = container_made(added);
  const json by_docker = container_made(by_client);
  ASSERT_FALSE(by_socket.is_null());
  EXPECT_EQ(by_socket["host"]["Memory"], 64 << 20);
  EXPECT_EQ(json::diff(by_docker, by_socket), json::array())
      << "by client: " << by_docker.dump(1) << "\nby socket: " << by_socket.dump(1);
}

TEST_P(DockerClientTest, TheClientCarriesStreamsAndExitCodesAsTheSocketDoes) {
  for (const Environment& environment : {Environment{}, kByClient}) {
    RunOptions options = with(environment);
    options.input = std::string(300'000, 'i') + '\0';
    const RunResult result =
        run(command({}, {"sh", "-c", "cat; echo wrong >&2; exit 126"}), options);
    EXPECT_EQ(result.exit_code, 126) << result.err;
    EXPECT_EQ(result.out, options.input);
    EXPECT_THAT(result.err, HasSubstr("wrong\n"));
  }
}

TEST_P(DockerClientTest, TheClientIsAskedOnlyWhereItKnowsMore) {
  const auto told = [&](const Environment& environment) {
    return run(command({}, {"true"}), with(with_telling_client(environment))).err;
  };
  EXPECT_THAT(told({}), Not(HasSubstr("it is the client")));
  EXPECT_THAT(told({{"DOCKER_API_VERSION", "1.41"}}), HasSubstr("it is the client"));
  EXPECT_THAT(told({{"DOCKER_CUSTOM_HEADERS", "a=b"}}), HasSubstr("it is the client"));
  EXPECT_THAT(told({{"DOCKER_HOST", "tcp://127.0.0.1:1"}}), HasSubstr("it is the client"));
  EXPECT_THAT(told({{"DOCKER_HOST", "unix:///" + std::string(200, 'x')}}),
              HasSubstr("it is the client"));
  for (const char* setting : {"proxies", "HttpHeaders"}) {
    directory().write("settings/config.json", std::string("{\"") + setting + "\": {}}");
    EXPECT_THAT(told({{"DOCKER_CONFIG", directory() / "settings"}}), HasSubstr("it is the client"));
  }
  directory().write("settings/config.json", R"({"auths": {}})");
  EXPECT_THAT(told({{"DOCKER_CONFIG", directory() / "settings"}}),
              Not(HasSubstr("it is the client")));
}

// Answers every connection with the same words, as long as it is there.
class Listener {
 public:
  Listener(const std::string& path, std::string answer)
      : answer_(std::move(answer)), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~Listener() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  void serve() const {
    for (int connection = 0; (connection = ::accept(socket_, nullptr, nullptr)) >= 0;) {
      char request[4096];
      if (::read(connection, request, sizeof request) > 0) {
        EXPECT_GE(::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL), 0);
      }
      ::close(connection);
    }
  }

  std::string answer_;
  int socket_;
  std::thread thread_;
};

// Podman listens there as well (podman-docker), and anything else may.
TEST_P(DockerClientTest, WhatIsNoDockerDaemonIsTheClientsMatter) {
  for (const std::string answer :
       {"", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
        "HTTP/1.1 200 OK\r\nApi-Version: 1.2x\r\nContent-Length: 2\r\n\r\nOK",
        "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\n"
        "Content-Length: 2\r\n\r\nOK",
        "HTTP/1.1 500 Oops\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n"}) {
    const std::string path = directory() / "socket";
    std::filesystem::remove(path);
    const Listener listener(path, answer);
    const RunResult result =
        run(command({}, {"true"}), with(with_telling_client({{"DOCKER_HOST", "unix://" + path}})));
    EXPECT_EQ(result.exit_code, 125);
    EXPECT_THAT(result.err, HasSubstr("launcher-error: Error: it is the client")) << answer;
  }
}

}  // namespace
}  // namespace specguard::testing
