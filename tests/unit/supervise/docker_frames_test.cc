// The stream of both outputs: told byte for byte wherever the connection cuts it, and no further
// than it is one.
#include "supervise/docker_frames.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace specguard::supervise {
namespace {

using namespace std::string_literals;

using Told = std::vector<std::pair<int, std::string>>;

// Neighbours of one stream are one, as it is cut anywhere.
struct Listening {
  Told told;
  DockerFrames::Listener listener() {
    return [this](int stream, std::string_view text) {
      if (told.empty() || told.back().first != stream) told.emplace_back(stream, "");
      told.back().second += text;
    };
  }
};

std::string frame(char stream, const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string head = {stream, 0, 0, 0};
  for (const int shift : {24, 16, 8, 0}) head += static_cast<char>(size >> shift & 0xFFU);
  return head + text;
}

TEST(DockerFramesTest, AnyCutTellsTheSame) {
  const std::string all =
      frame(1, "out") + frame(2, "err\0\n"s) + frame(1, "") + frame(1, std::string(300, 'x'));
  const Told expected = {{1, "out"}, {2, "err\0\n"s}, {1, std::string(300, 'x')}};
  for (std::size_t first = 0; first <= all.size(); ++first) {
    Listening heard;
    DockerFrames frames;
    EXPECT_TRUE(frames.take(std::string_view(all).substr(0, first), heard.listener()));
    EXPECT_TRUE(frames.take(std::string_view(all).substr(first), heard.listener()));
    EXPECT_EQ(heard.told, expected) << "cut at " << first;
  }
  Listening heard;
  DockerFrames frames;
  for (const char byte : all) EXPECT_TRUE(frames.take({&byte, 1}, heard.listener()));
  EXPECT_EQ(heard.told, expected) << "byte by byte";
}

TEST(DockerFramesTest, TheLengthHasFourBytes) {
  const std::string text(70'000, 'y');
  Listening heard;
  DockerFrames frames;
  EXPECT_TRUE(frames.take(frame(2, text), heard.listener()));
  EXPECT_EQ(heard.told, (Told{{2, text}}));
}

TEST(DockerFramesTest, WhatIsNoSuchStreamIsNotTold) {
  for (const char stream : {'\0', '\3', 'H', '\xFF'}) {
    Listening heard;
    DockerFrames frames;
    EXPECT_FALSE(frames.take(frame(1, "good") + frame(stream, "bad"), heard.listener()));
    EXPECT_EQ(heard.told, (Told{{1, "good"}}));
  }
}

}  // namespace
}  // namespace specguard::supervise
