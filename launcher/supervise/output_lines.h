// OutputLines: the lines of a stream that arrives in any chunks, as text without terminal escapes.
//
// Promises: memory bounded by kMaxLineBytes a stream (the rest of a longer line is dropped, the
// line itself still arrives), CR, LF and CR LF all end a line, the same lines for any chunking.
// Bytes that are not UTF-8 pass through.
#pragma once

#include <string>
#include <string_view>

namespace specguard::supervise {

// Removes terminal escape sequences: colours and cursor moves (CSI), titles and links (OSC), and
// the short ones. Linear in the text, whatever it holds.
std::string strip_escapes(std::string_view text);

class OutputLines {
 public:
  static constexpr std::size_t kMaxLineBytes = 64u << 10;

  // Calls `line` (a std::string_view) for each line that the chunk completes.
  template <typename OnLine>
  void read(std::string_view chunk, OnLine&& line) {
    while (!chunk.empty()) {
      const std::size_t end = chunk.find_first_of("\r\n");
      append(chunk.substr(0, end));
      if (end == std::string_view::npos) return;
      const bool rest_of_crlf = chunk[end] == '\n' && after_cr_ && end == 0;
      after_cr_ = chunk[end] == '\r';
      if (!rest_of_crlf) emit(line);
      chunk.remove_prefix(end + 1);
    }
  }

  // The last line where the stream did not end in a newline.
  template <typename OnLine>
  void finish(OnLine&& line) {
    if (!partial_.empty()) emit(line);
  }

 private:
  void append(std::string_view text) {
    if (!text.empty()) after_cr_ = false;
    partial_ += text.substr(0, kMaxLineBytes - partial_.size());
  }

  template <typename OnLine>
  void emit(OnLine&& line) {
    if (partial_.find('\x1b') == std::string::npos)
      line(std::string_view(partial_));
    else
      line(std::string_view(strip_escapes(partial_)));
    partial_.clear();
  }

  std::string partial_;
  bool after_cr_ = false;
};

}  // namespace specguard::supervise
