// A synthetic bundle from the numbers of the goldens' tiny one, made smaller: it loads, and it makes clips.
#include <ATen/ops/cat.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/std.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/manifest.h"
#include "engine/pipeline/clip_resolver.h"
#include "engine/pipeline/models.h"
#include "engine/pipeline/stages.h"
#include "engine/synthesis/synthesize.h"
#include "engine/text/tokenizer.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string SmallerManifest() {
  std::ifstream in(OVI_SHARED_DIR "/goldens/tiny-bundle/ovi-bundle.json");
  nlohmann::json manifest = nlohmann::json::parse(in);
  for (const char* tower : {"video", "audio"}) manifest["fusion"][tower]["num_layers"] = 2;
  manifest["text_encoder"]["num_layers"] = 2;
  manifest["text_encoder"]["vocab_size"] = 400;
  return manifest.dump();
}

class SyntheticBundleTest : public testing::Test {
 protected:
  std::string Folder(const std::string& name) const { return folder_ / name; }

  // A bundle that OpenBundle takes: the files, then the manifest, which is the caller's.
  absl::Status Make(const std::string& folder, uint64_t seed = 1) const {
    const std::string manifest = SmallerManifest();
    const absl::StatusOr<BundleConfig> bundle = ParseManifest(manifest, folder);
    if (!bundle.ok()) return bundle.status();
    if (const absl::Status made = Synthesize(*bundle, folder, seed); !made.ok()) return made;
    std::ofstream(fs::path(folder) / "ovi-bundle.json") << manifest;
    return absl::OkStatus();
  }

  std::map<std::string, std::string> FilesOf(const std::string& folder) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      files[fs::relative(entry.path(), folder).string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return files;
  }

  TemporaryFolder folder_;
};

// `small` to `large`: no number is infinite or not one, and their deviation lies there.
void ExpectAlive(const at::Tensor& tensor, double small, double large) {
  const at::Tensor numbers = tensor.to(at::kFloat);
  EXPECT_TRUE(at::isfinite(numbers).all().item<bool>());
  EXPECT_GT(at::std(numbers).item<double>(), small);
  EXPECT_LT(at::std(numbers).item<double>(), large);
}

// What the ranges of the weights are chosen for: nothing dies out and nothing runs away. The bounds are a factor of
// five or so around what came out: prompt 1.0, latents 2.6 and 2.4 (2.0 and 2.0 after 50 steps), sound 0.09,
// pixels 3.8.
TEST_F(SyntheticBundleTest, AClipOfItIsAlive) {
  ASSERT_TRUE(Make(Folder("bundle")).ok());
  const absl::StatusOr<BundleConfig> bundle = OpenBundle(Folder("bundle"));
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const auto models = LoadModels(*bundle, bundle->checkpoints.front(), c10::Device(c10::kCPU), at::kBFloat16);
  ASSERT_TRUE(models.ok()) << models.status();
  const ClipResolver resolver((*models)->bundle, (*models)->checkpoint, (*models)->text.tokenizer());
  ClipRequest request;
  request.prompt = "A cat walks. Audio: steps";
  request.seed = 7;
  request.steps = 2;
  const absl::StatusOr<ClipSpec> spec = resolver.Resolve(request);
  ASSERT_TRUE(spec.ok()) << spec.status();
  GenerateObserver observer;

  const absl::StatusOr<EncodedPrompts> prompts = EncodePrompts(**models, *spec);
  ASSERT_TRUE(prompts.ok()) << prompts.status();
  const auto latents = Diffuse(**models, *spec, *prompts, {}, DrawClipNoise(**models, *spec), observer);
  ASSERT_TRUE(latents.ok()) << latents.status();
  const absl::StatusOr<at::Tensor> waveform = DecodeAudio(**models, latents->audio, observer);
  ASSERT_TRUE(waveform.ok()) << waveform.status();
  std::vector<at::Tensor> groups;
  const absl::Status decoded = DecodeVideo(**models, latents->video, observer, [&](const at::Tensor& frames) {
    groups.push_back(frames);
    return absl::OkStatus();
  });
  ASSERT_TRUE(decoded.ok()) << decoded;

  ExpectAlive(prompts->positive, 0.2, 5);
  ExpectAlive(latents->video, 0.5, 12);
  ExpectAlive(latents->audio, 0.5, 12);
  ExpectAlive(*waveform, 0.02, 0.5);
  ExpectAlive(at::cat(groups), 0.77, 19);
}

TEST_F(SyntheticBundleTest, TheSameSeedGivesTheSameBytes) {
  ASSERT_TRUE(Make(Folder("a")).ok());
  ASSERT_TRUE(Make(Folder("b")).ok());
  ASSERT_TRUE(Make(Folder("c"), 2).ok());

  const auto a = FilesOf(Folder("a"));
  EXPECT_EQ(a.size(), 7u);
  EXPECT_TRUE(FilesOf(Folder("b")) == a);
  EXPECT_FALSE(FilesOf(Folder("c")) == a);
}

// Byte fallback: what is not visible ASCII becomes its UTF-8 bytes, <0xC3> being id 4 + 0xC3.
TEST_F(SyntheticBundleTest, ItsTokenizerHasTheIdsOfUmt5) {
  ASSERT_TRUE(Make(Folder("bundle")).ok());
  const auto tokenizer = OpenTokenizer(Folder("bundle/Wan2.2-TI2V-5B/google/umt5-xxl/spiece.model"));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();

  EXPECT_EQ((*tokenizer)->pad_id(), 0);
  EXPECT_EQ((*tokenizer)->eos_id(), 1);
  EXPECT_EQ((*tokenizer)->size(), 355);
  constexpr int64_t kBlank = 260, kA = 261 + 'a' - '!';
  EXPECT_THAT((*tokenizer)->Encode("a \u00e9<s>", 100),
              ElementsAre(kBlank, kA, kBlank, 4 + 0xC3, 4 + 0xA9, /*<s>=*/2, /*</s>=*/1));
}

TEST_F(SyntheticBundleTest, AFolderThatHoldsSomethingIsRefusedAndLeftAlone) {
  folder_.Write("bundle/mine", "mine");

  const absl::Status status = Make(Folder("bundle"));

  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is not an empty folder; name one that is"));
  EXPECT_THAT(FilesOf(Folder("bundle")), ElementsAre(testing::Pair("mine", "mine")));
}

// The table of a vocabulary of 2^40 words alone takes 9,007,199 GB.
TEST_F(SyntheticBundleTest, TooLittleRoomIsToldInGigabytes) {
  absl::StatusOr<BundleConfig> bundle = PublishedBundle(Folder("deep/bundle"), "960x960_10s");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  bundle->text_encoder.vocab_size = int64_t{1} << 40;

  const absl::Status status = Synthesize(*bundle, Folder("deep/bundle"), 1);

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("the bundle needs 90072"), HasSubstr(" GB free: make room")));
  EXPECT_THAT(fs::exists(Folder("deep")), false);
}

// A file where a folder is needed stops the work after most of it was written.
TEST_F(SyntheticBundleTest, AFailureLeavesNothingBehind) {
  absl::StatusOr<BundleConfig> bundle = ParseManifest(SmallerManifest(), Folder("new/bundle"));
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  bundle->tokenizer_file = bundle->vocoder_file + "/spiece.model";
  fs::create_directory(Folder("empty"));

  EXPECT_EQ(Synthesize(*bundle, Folder("new/bundle"), 1).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_FALSE(fs::exists(Folder("new")));

  bundle = ParseManifest(SmallerManifest(), Folder("empty"));
  bundle->tokenizer_file = bundle->vocoder_file + "/spiece.model";
  EXPECT_EQ(Synthesize(*bundle, Folder("empty"), 1).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(FilesOf(Folder("empty")), IsEmpty());
  EXPECT_TRUE(fs::exists(Folder("empty")));
}

TEST_F(SyntheticBundleTest, AnUnpublishedCheckpointIsRefused) {
  EXPECT_THAT(std::string(PublishedBundle("x", "480p").status().message()),
              AllOf(HasSubstr("\"480p\" was never published"), HasSubstr("720x720_5s, 960x960_5s, 960x960_10s")));
}

}  // namespace
}  // namespace ovi
