#include "supervise/output.h"

#include <chrono>

#include "sys/stream.h"

namespace specguard::supervise {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::size_t kBufferBytes = 64 * 1024;  // what a pipe holds (pipe(7))
constexpr auto kRetryInterval = 5ms;             // while the reader takes nothing

}  // namespace

base::Result<std::unique_ptr<OutputPump>> OutputPump::open(asio::io_context& io, Options options) {
  std::unique_ptr<OutputPump> pump(new OutputPump(io, std::move(options)));
  const int out_fd = pump->options_.out_fd;
  const int err_fd = pump->options_.err_fd;
  SPECGUARD_TRY(pump->child_out_, pump->add_channel(OutputStream::kStdout, out_fd));
  if (!sys::same_file(out_fd, err_fd)) {
    SPECGUARD_TRY(pump->child_err_, pump->add_channel(OutputStream::kStderr, err_fd));
  }
  return pump;
}

base::Result<sys::UniqueFd> OutputPump::add_channel(OutputStream stream, int target_fd) {
  SPECGUARD_TRY(sys::Pipe pipe, sys::open_pipe());
  auto channel = std::make_unique<Channel>(io_, stream, target_fd);
  channel->buffer.resize(kBufferBytes);
  boost::system::error_code ec;
  channel->source.assign(pipe.read_end.get(), ec);
  if (!ec) {
    pipe.read_end.release();
    channel->source.non_blocking(true, ec);
  }
  if (ec) return base::Error::from_errno("watch the output of the test", ec.value());
  channels_.push_back(std::move(channel));
  return std::move(pipe.write_end);
}

void OutputPump::close_child_ends() {
  child_out_.reset();
  child_err_.reset();
}

void OutputPump::start() {
  for (const auto& channel : channels_) read_next(*channel);
}

void OutputPump::read_next(Channel& channel) {
  channel.source.async_read_some(
      asio::buffer(channel.buffer),
      [this, &channel](const boost::system::error_code& ec, std::size_t size) {
        if (ec == asio::error::operation_aborted) return;
        if (ec) {
          channel.ended = true;
          if (ec != asio::error::eof) fail(ec);
          return;
        }
        receive(channel, {channel.buffer.data(), size});
        forward(channel);
      });
}

void OutputPump::fail(const boost::system::error_code& ec) {
  if (failure_ != 0) return;
  failure_ = ec.value();
  if (options_.on_failure && !finishing_) options_.on_failure(failure_);
}

void OutputPump::receive(Channel& channel, std::string_view data) {
  const std::uint64_t room = options_.limit_bytes - std::min(total_bytes_, options_.limit_bytes);
  total_bytes_ += data.size();
  if (data.size() > room) data = data.substr(0, room);
  if (!data.empty() && options_.on_output) options_.on_output(channel.stream, data);
  if (!channel.reader_gone) channel.pending.append(data);
  if (total_bytes_ > options_.limit_bytes && !limit_met_) {
    limit_met_ = true;
    if (options_.on_limit) options_.on_limit();
  }
}

void OutputPump::forward(Channel& channel) {
  const sys::WriteOutcome outcome = sys::write_if_ready(channel.target_fd, channel.pending);
  channel.pending.erase(0, outcome.written);
  if (outcome.state == sys::WriteState::kClosed) {
    channel.reader_gone = true;
    channel.pending.clear();
  }
  if (finishing_) return;
  if (channel.pending.empty()) {
    read_next(channel);
    return;
  }
  channel.retry.expires_after(kRetryInterval);
  channel.retry.async_wait([this, &channel](const boost::system::error_code& ec) {
    if (!ec) forward(channel);
  });
}

void OutputPump::finish(std::chrono::milliseconds limit) {
  finishing_ = true;
  for (const auto& channel : channels_) {
    channel->retry.cancel();
    boost::system::error_code ignored;
    channel->source.cancel(ignored);
  }
  io_.restart();
  io_.poll();  // a read that was complete before the cancellation still has its bytes to deliver

  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (const auto& channel : channels_) {
    boost::system::error_code ec;
    do {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (!channel->reader_gone)
        channel->reader_gone =
            !sys::write_within(channel->target_fd, channel->pending, std::max(left, 0ms));
      channel->pending.clear();
      if (channel->ended || left <= 0ms) break;
      const std::size_t size = channel->source.read_some(asio::buffer(channel->buffer), ec);
      if (!ec) receive(*channel, {channel->buffer.data(), size});
    } while (!ec);  // end of file, or would_block: all that the tree wrote has been read
    if (ec && ec != asio::error::eof && ec != asio::error::would_block) fail(ec);
  }
}

}  // namespace specguard::supervise
