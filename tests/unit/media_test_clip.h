// A small clip with known pixels and samples, and what other people's programs read out of the file it became.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/media/clip_writer.h"

namespace ovi {

struct TestClip {
  int width = 64, height = 48, frames = 13, sample_rate_hz = 16000;
  std::vector<uint8_t> rgb;      // [frames, height, width, 3]
  std::vector<int16_t> samples;  // a tone of 440 Hz; not a whole number of any encoder's frames

  // Four flat colours, one a quadrant, one of them changing from frame to frame, so that every frame is another.
  static TestClip Make(int frames, int samples);
  ClipFormat Format(OutputFormat output) const;
};

// The colour of the quadrant that (x, y) lies in.
std::vector<uint8_t> TestColour(const TestClip& clip, int frame, int x, int y);

// A folder that goes away with the test.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  std::string Path(const std::string& name) const { return (path_ / name).string(); }
  bool IsEmpty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

// Writes the clip in one go. Expects success.
WrittenClip WriteTestClip(const TestClip& clip, const ClipFormat& format, const std::string& path);

std::string FileBytes(const std::string& path);
// What a shell command says on stdout; fails the test if it does not return 0.
std::string OutputOf(const std::string& command);
// Every frame as a player shows it, RGB, and every sample as it plays it.
std::vector<uint8_t> DecodedFrames(const std::string& path);
std::vector<int16_t> DecodedSamples(const std::string& path);

}  // namespace ovi
