#include "tests/unit/media_test_clip.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>

#include "absl/strings/str_format.h"

namespace ovi {

std::vector<uint8_t> TestColour(const TestClip& clip, int frame, int x, int y) {
  const bool right = x >= clip.width / 2, below = y >= clip.height / 2;
  if (right && below) return {static_cast<uint8_t>(frame * 9 % 256), 90, 200};
  if (right) return {220, 30, 40};
  if (below) return {30, 190, 60};
  return {40, 50, 210};
}

TestClip TestClip::Make(int frames, int samples) {
  TestClip clip;
  clip.frames = frames;
  for (int frame = 0; frame < frames; ++frame) {
    for (int y = 0; y < clip.height; ++y) {
      for (int x = 0; x < clip.width; ++x) {
        const std::vector<uint8_t> colour = TestColour(clip, frame, x, y);
        clip.rgb.insert(clip.rgb.end(), colour.begin(), colour.end());
      }
    }
  }
  for (int i = 0; i < samples; ++i) {
    clip.samples.push_back(
        static_cast<int16_t>(12000 * std::sin(2 * std::numbers::pi * 440 * i / clip.sample_rate_hz)));
  }
  return clip;
}

ClipFormat TestClip::Format(OutputFormat output) const {
  return {.output = output,
          .width = width,
          .height = height,
          .frames_per_second = 24,
          .sample_rate_hz = sample_rate_hz,
          .metadata = {.prompt = "A red ball bounces. <S>Hé!<E>",
                       .seed = 18446744073709551615U,
                       .checkpoint = "tiny_5s",
                       .version = "0.1.0",
                       .settings = R"({"steps":50,"solver":"unipc"})"}};
}

TestFolder::TestFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "ovi-media-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TestFolder::~TestFolder() { std::filesystem::remove_all(path_); }

WrittenClip WriteTestClip(const TestClip& clip, const ClipFormat& format, const std::string& path) {
  absl::StatusOr<std::unique_ptr<ClipWriter>> writer = OpenClipWriter(path, format);
  EXPECT_TRUE(writer.ok()) << writer.status();
  if (!writer.ok()) return {};
  EXPECT_EQ((*writer)->AddAudio(clip.samples), absl::OkStatus());
  EXPECT_EQ((*writer)->AddFrames(clip.rgb), absl::OkStatus());
  const absl::StatusOr<WrittenClip> written = (*writer)->Finish();
  EXPECT_TRUE(written.ok()) << written.status();
  return written.value_or(WrittenClip());
}

std::string FileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string output;
  char buffer[65536];
  for (size_t count; (count = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, count);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

std::vector<uint8_t> DecodedFrames(const std::string& path) {
  // The container's tags decide the matrix, as in a player: scale only says what comes out.
  const std::string rgb =
      OutputOf(absl::StrFormat("ffmpeg -v error -i %s -map 0:v -vf "
                               "scale=out_range=full:flags=accurate_rnd+full_chroma_int -fps_mode passthrough "
                               "-f rawvideo -pix_fmt rgb24 -",
                               path));
  return {rgb.begin(), rgb.end()};
}

std::vector<int16_t> DecodedSamples(const std::string& path) {
  const std::string bytes = OutputOf(absl::StrFormat("ffmpeg -v error -i %s -map 0:a -f s16le -", path));
  std::vector<int16_t> samples(bytes.size() / sizeof(int16_t));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(int16_t));
  return samples;
}

}  // namespace ovi
