// OutputPump: carries what the test prints to the launcher's own streams, counts it and shows it to
// a listener.
//
// Where nobody needs to see the output there is no pump: the test inherits the launcher's streams
// and nothing stands between. Where there is one: bytes go through unchanged, in order and at once;
// where both streams are one file (ctest gives one pipe for both), one pipe carries both, so that
// their order stays. A reader that stops reading stops the test, as it would without a launcher,
// but never the keeper. A reader that is gone is no reason to stop: the rest is dropped.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "supervise/results.h"
#include "sys/fd.h"

namespace specguard::supervise {

class OutputPump {
 public:
  struct Options {
    int out_fd = 1;
    int err_fd = 2;
    // Everything beyond is dropped, and on_limit is called once.
    std::uint64_t limit_bytes = UINT64_MAX;
    std::function<void(OutputStream, std::string_view)> on_output;
    std::function<void()> on_limit;
    // A stream cannot be read on, with its errno; not called in finish().
    std::function<void(int)> on_failure;
  };

  static base::Result<std::unique_ptr<OutputPump>> open(boost::asio::io_context& io,
                                                        Options options);

  // What the test gets as its standard output and standard error; close_child_ends() once it has
  // them.
  int child_out() const { return child_out_.get(); }
  int child_err() const { return child_err_ ? child_err_.get() : child_out_.get(); }
  void close_child_ends();

  // Begins to carry.
  void start();

  // Once the tree is gone: carries what is still in the pipes and waits for the reader, at most so
  // long; then stops. A pipe that a stranger was given (SCM_RIGHTS) and holds open does not delay
  // it.
  void finish(std::chrono::milliseconds limit);

  std::uint64_t total_bytes() const { return total_bytes_; }

  // The errno with which reading failed; 0 where all was read.
  int failure() const { return failure_; }

 private:
  // One pipe from the test, and the stream it goes to.
  struct Channel {
    Channel(boost::asio::io_context& io, OutputStream stream_of, int to)
        : stream(stream_of), source(io), retry(io), target_fd(to) {}
    OutputStream stream;
    boost::asio::posix::stream_descriptor source;
    boost::asio::steady_timer retry;
    int target_fd;
    std::vector<char> buffer;
    std::string pending;  // read, not yet taken by the reader
    bool reader_gone = false;
    bool ended = false;
  };

  OutputPump(boost::asio::io_context& io, Options options)
      : io_(io), options_(std::move(options)) {}

  base::Result<sys::UniqueFd> add_channel(OutputStream stream, int target_fd);
  void read_next(Channel& channel);
  void fail(const boost::system::error_code& ec);
  void receive(Channel& channel, std::string_view data);
  void forward(Channel& channel);

  boost::asio::io_context& io_;
  Options options_;
  std::vector<std::unique_ptr<Channel>> channels_;
  sys::UniqueFd child_out_;
  sys::UniqueFd child_err_;
  std::uint64_t total_bytes_ = 0;
  int failure_ = 0;
  bool limit_met_ = false;
  bool finishing_ = false;
};

}  // namespace specguard::supervise
