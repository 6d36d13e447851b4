// DockerFrames: both outputs of a container as the docker daemon sends them over one connection: an
// eight byte head (which stream, three zeros, the length in big-endian order), then so many bytes.
// Source: Docker Engine API, "Attach to a container", stream format.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace specguard::supervise {

class DockerFrames {
 public:
  // Is told the stream, 1 or 2 as the descriptors are numbered, and what was printed there.
  using Listener = std::function<void(int stream, std::string_view text)>;

  // Tells what has arrived, wherever the connection has cut it. False once it is no such stream:
  // nothing after that can be told.
  bool take(std::string_view bytes, const Listener& tell);

 private:
  std::string head_;
  int stream_ = 0;
  std::uint32_t left_ = 0;  // of this frame
};

}  // namespace specguard::supervise
