// The networks' own list of their tensors against the one that was taken from upstream's modules (ovi-tensors.json).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "engine/checkpoint/bundle.h"
#include "engine/synthesis/network_shapes.h"

namespace ovi {
namespace {

using nlohmann::json;
using testing::ContainerEq;

// Adds every tensor that `pattern` stands for: a placeholder "{i}" is a key of `entry` with its first and last value.
void Expand(const std::string& pattern, json entry, TensorShapes& shapes) {
  for (const auto& [key, range] : entry.items()) {
    const std::string placeholder = absl::StrFormat("{%s}", key);
    if (pattern.find(placeholder) == std::string::npos) continue;
    for (int value = range[0].get<int>(); value <= range[1].get<int>(); ++value) {
      Expand(absl::StrReplaceAll(pattern, {{placeholder, std::to_string(value)}}), entry, shapes);
    }
    return;
  }
  shapes[pattern] = entry["shape"].get<std::vector<int64_t>>();
}

TensorShapes Upstream(const std::string& file) {
  std::ifstream in(OVI_SHARED_DIR "/ovi-tensors.json");
  const json all = json::parse(in);
  TensorShapes shapes;
  for (const auto& [pattern, entry] : all["files"][file]["tensors"].items()) {
    for (const json& one : entry.is_array() ? entry : json::array({entry})) Expand(pattern, one, shapes);
  }
  EXPECT_EQ(shapes.size(), all["files"][file]["count"].get<size_t>());
  return shapes;
}

TEST(NetworkShapesTest, ThePublishedNetworksAskForUpstreamsTensorsAndForNoOthers) {
  const absl::StatusOr<BundleConfig> bundle = PublishedBundle("anywhere", "720x720_5s");
  ASSERT_TRUE(bundle.ok()) << bundle.status();

  const BundleShapes shapes = ShapesOf(*bundle);

  EXPECT_THAT(shapes.fusion, ContainerEq(Upstream("fusion")));
  EXPECT_THAT(shapes.text_encoder, ContainerEq(Upstream("text_encoder")));
  EXPECT_THAT(shapes.video_vae, ContainerEq(Upstream("video_vae")));
  EXPECT_THAT(shapes.audio_vae, ContainerEq(Upstream("audio_vae")));
  EXPECT_THAT(shapes.vocoder, ContainerEq(Upstream("vocoder")));
}

}  // namespace
}  // namespace ovi
