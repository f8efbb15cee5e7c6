// Bundles: the goldens' and the demo's, upstream's layout, and every way a manifest can be wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/bundle.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(BundleTest, TheGoldensBundleIsRead) {
  const auto bundle = OpenBundle(OVI_SHARED_DIR "/goldens/tiny-bundle");

  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->name, "ovi-tiny");
  ASSERT_EQ(bundle->checkpoints.size(), 1u);
  EXPECT_EQ(bundle->checkpoints[0].name, "tiny_5s");
  EXPECT_EQ(bundle->checkpoints[0].frames(), 17);
  EXPECT_TRUE(std::filesystem::exists(bundle->checkpoints[0].fusion_file));
  EXPECT_EQ(bundle->fusion.video.head_dim(), 32);
  EXPECT_EQ(bundle->fusion.audio.temporal_rope_scaling_factor, 0.19676);
  EXPECT_EQ(bundle->text_encoder.vocab_size, 704);
  EXPECT_EQ(bundle->defaults.slg_layer, 1);
}

TEST(BundleTest, TheDemoBundleTakesThePublishedNumbersItDoesNotName) {
  const auto bundle = OpenBundle(OVI_SOURCE_DIR "/models/demo");

  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->video_vae.z_dim, 16);
  EXPECT_EQ(bundle->video_vae.latent_std.size(), 16u);
  EXPECT_EQ(bundle->audio_vae.mel_mean, PublishedMelMean());
  EXPECT_EQ(bundle->vocoder.resblock_kernel_sizes.size(), 2u);
}

constexpr const char* kUpstreamFiles[] = {
    "Wan2.2-TI2V-5B/models_t5_umt5-xxl-enc-bf16.pth", "Wan2.2-TI2V-5B/google/umt5-xxl/spiece.model",
    "Wan2.2-TI2V-5B/Wan2.2_VAE.pth", "MMAudio/ext_weights/v1-16.pth", "MMAudio/ext_weights/best_netG.pt"};

TEST(BundleTest, UpstreamsFolderNeedsNoManifest) {
  const TemporaryFolder folder;
  for (const char* const file : kUpstreamFiles) folder.Write(file, "");
  folder.Write("Ovi/model_960x960_10s.safetensors", "");
  folder.Write("Ovi/model_fp8_e4m3fn.safetensors", "");

  const auto bundle = OpenBundle(folder / "");

  ASSERT_TRUE(bundle.ok()) << bundle.status();
  ASSERT_EQ(bundle->checkpoints.size(), 2u);  // only those that are there
  const CheckpointConfig& ten_seconds = bundle->checkpoints[0];
  EXPECT_EQ(ten_seconds.name, "960x960_10s");
  EXPECT_EQ(ten_seconds.frames(), 241);
  EXPECT_EQ(ten_seconds.audio_latent_length, 314);
  EXPECT_EQ(ten_seconds.video_area, 921600);
  EXPECT_EQ(ten_seconds.audio_tags, AudioTags::kAudioPrefix);
  EXPECT_EQ(bundle->checkpoints[1].name, "720x720_5s_fp8");
  EXPECT_EQ(bundle->checkpoints[1].audio_tags, AudioTags::kAudCap);
  EXPECT_EQ(bundle->fusion.video.num_layers, 30);
  EXPECT_EQ(bundle->video_vae.latent_mean.size(), 48u);
  EXPECT_EQ(FindCheckpoint(*bundle, "")->name, "960x960_10s");
  EXPECT_THAT(std::string(FindCheckpoint(*bundle, "720x720_5s").status().message()),
              AllOf(HasSubstr("\"720x720_5s\""), HasSubstr("960x960_10s, 720x720_5s_fp8")));
}

TEST(BundleTest, EveryMissingFileIsNamedInOneError) {
  const TemporaryFolder folder;
  folder.Write("Ovi/model.safetensors", "");
  folder.Write(kUpstreamFiles[0], "");
  folder.Write(kUpstreamFiles[1], "");

  const absl::Status status = OpenBundle(folder / "").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("3 of its files are missing"), HasSubstr(kUpstreamFiles[2]), HasSubstr(kUpstreamFiles[3]),
                    HasSubstr(kUpstreamFiles[4]), Not(HasSubstr(kUpstreamFiles[0]))));
}

TEST(BundleTest, AReplacedFileNeedNotBeInTheFolder) {
  const TemporaryFolder folder, elsewhere;
  folder.Write("Ovi/model.safetensors", "");
  for (size_t i = 0; i < 4; ++i) folder.Write(kUpstreamFiles[i], "");
  ComponentFiles replacements;
  replacements.vocoder = elsewhere.Write("other.pt", "");

  const auto bundle = OpenBundle(folder / "", replacements);

  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->vocoder_file, replacements.vocoder);
}

TEST(BundleTest, AFolderThatIsNoBundleSaysWhatWasLookedFor) {
  const TemporaryFolder folder;

  EXPECT_THAT(std::string(OpenBundle(folder / "").status().message()),
              AllOf(HasSubstr("ovi-bundle.json"), HasSubstr("Ovi/model*.safetensors")));
  EXPECT_EQ(OpenBundle(folder / "nothing").status().code(), absl::StatusCode::kNotFound);
}

// The smallest manifest; every number is the published one.
constexpr char kManifest[] = R"({"format": "ovi-bundle/1", "name": "t",
  "checkpoints": [{"name": "c", "fusion": "../f"}],
  "files": {"text_encoder": "t", "tokenizer": "k", "video_vae": "v", "audio_vae": "a", "vocoder": "w"}})";

class ManifestTest : public testing::Test {
 protected:
  absl::StatusOr<BundleConfig> Open(const std::string& manifest) {
    folder_.Write("f", "");
    for (const char* const file : {"t", "k", "v", "a", "w"}) folder_.Write(std::string("bundle/") + file, "");
    folder_.Write("bundle/ovi-bundle.json", manifest);
    return OpenBundle(folder_ / "bundle");
  }
  TemporaryFolder folder_;
};

TEST_F(ManifestTest, FilesMayLieOutsideTheFolder) {
  const auto bundle = Open(kManifest);

  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->checkpoints[0].fusion_file, folder_ / "f");
  EXPECT_EQ(bundle->fusion.audio.in_dim, 20);
  EXPECT_EQ(bundle->defaults.steps, 50);
}

// Seen failing: the error that shows the value went down the nest by recursion and ended the process.
TEST_F(ManifestTest, ADeepNestIsRefused) {
  const std::string nest = std::string(200'000, '[') + std::string(200'000, ']');

  const absl::Status status = Open(absl::StrFormat(R"({"format": %s})", nest)).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("nested more than 64 deep"));
}

struct BadManifest {
  const char* part;  // put in front of the last brace, or the whole text if it begins with one
  const char* path;
  const char* says;
};

void PrintTo(const BadManifest& bad, std::ostream* out) { *out << bad.part; }

class BadManifestTest : public ManifestTest, public testing::WithParamInterface<BadManifest> {};

TEST_P(BadManifestTest, IsRefusedByPathAndValue) {
  const std::string whole(kManifest), part(GetParam().part);
  const std::string text = part.front() == '{' ? part : whole.substr(0, whole.size() - 1) + ", " + part + "}";

  const absl::Status status = Open(text).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("ovi-bundle.json"), HasSubstr(GetParam().path), HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(Text, BadManifestTest,
                         testing::Values(BadManifest{"{nonsense", "", "not valid JSON"},
                                         BadManifest{R"({"format": "ovi-bundle/2"})", "$.format",
                                                     "is \"ovi-bundle/2\""},
                                         BadManifest{R"({"format": "ovi-bundle/1"})", "$.checkpoints", "at least one"},
                                         BadManifest{R"("name": "u")", "", "names name twice"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, BadManifestTest,
    testing::Values(BadManifest{R"("colour": 3)", "$.colour", "unknown key"},
                    BadManifest{R"("fusion": {"video": {"num_head": 3}})", "$.fusion.video.num_head", "unknown key"},
                    BadManifest{R"("vocoder": {"rates": []})", "$.vocoder.rates", "unknown key"},
                    BadManifest{R"("fusion": 3)", "$.fusion", "is 3; expected an object"},
                    BadManifest{R"("fusion": {"video": {"dim": "x"}})", "$.fusion.video.dim", "expected an integer"},
                    BadManifest{R"("fusion": {"video": {"dim": 1.5}})", "$.fusion.video.dim", "is 1.5"},
                    BadManifest{R"("video_vae": {"dim_mult": 4})", "$.video_vae.dim_mult", "a list of integers"},
                    BadManifest{R"("defaults": {"solver": "ddim"})", "$.defaults.solver", "is \"ddim\""}));

INSTANTIATE_TEST_SUITE_P(
    Values, BadManifestTest,
    testing::Values(
        BadManifest{R"("fusion": {"video": {"num_heads": 7}})", "$.fusion.video.num_heads", "must divide dim (3072)"},
        BadManifest{R"("fusion": {"video": {"num_heads": 0}})", "$.fusion.video.num_heads", "is 0"},
        BadManifest{R"("fusion": {"video": {"num_heads": 1024}})", "$.fusion.video.num_heads", "heads of 3"},
        BadManifest{R"("fusion": {"audio": {"num_layers": 3}})", "$.fusion", "must agree"},
        BadManifest{R"("fusion": {"audio": {"patch_size": [1, 2]}})", "$.fusion.audio.patch_size", "has 2 numbers"},
        BadManifest{R"("fusion": {"video": {"dim": 9223372036854775808}})", "$.fusion.video.dim", "must be between"},
        BadManifest{R"("fusion": {"video": {"freq_dim": 7}})", "$.fusion.video.freq_dim", "must be even"},
        BadManifest{R"("text_encoder": {"num_heads": 7})", "$.text_encoder.num_heads", "must divide dim_attn"},
        BadManifest{R"("text_encoder": {"dim": 64})", "$.fusion", "text encoder's dim (64)"},
        BadManifest{R"("video_vae": {"z_dim": 16})", "$.video_vae.z_dim", "video tower's in_dim"},
        BadManifest{R"("video_vae": {"latent_mean": [1, 2]})", "$.video_vae", "latent_mean has 2 numbers"},
        BadManifest{R"("video_vae": {"temporal_downsample": [true]})", "$.video_vae.temporal_downsample", "has 1"},
        BadManifest{R"("audio_vae": {"mel_std": [0]})", "$.audio_vae.mel_std", "is 0"},
        BadManifest{R"("vocoder": {"upsample_rates": [2, 2]})", "$.vocoder.upsample_kernel_sizes", "has 6 entries"},
        BadManifest{R"("vocoder": {"upsample_initial_channel": 100})", "$.vocoder.upsample_initial_channel", "2^6"},
        BadManifest{R"("vocoder": {"resblock_kernel_sizes": []})", "$.vocoder.resblock_dilation_sizes", "3 lists"},
        BadManifest{R"("defaults": {"shift": 0})", "$.defaults.shift", "is 0"}));

}  // namespace
}  // namespace ovi
