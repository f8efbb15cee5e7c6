// The vocoder at other sizes than the published ones, and the facade that turns a latent into a waveform.
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "engine/audio_vae/audio_decoder.h"
#include "engine/checkpoint/bundle.h"
#include "tests/unit/audio_test_weights.h"

namespace ovi {
namespace {

using testing::HasSubstr;

// Random weights for any VocoderConfig, by name.
class RandomVocoder {
 public:
  explicit RandomVocoder(const VocoderConfig& config) : config_(config) {
    int64_t channels = config.upsample_initial_channel;
    AddConv("conv_pre", channels, config.num_mels, 7, channels);
    int64_t block = 0;
    for (size_t i = 0; i < config.upsample_rates.size(); ++i) {
      AddConv(absl::StrFormat("ups.%d.0", i), channels, channels / 2, config.upsample_kernel_sizes[i], channels / 2);
      channels /= 2;
      for (size_t j = 0; j < config.resblock_kernel_sizes.size(); ++j) AddBlock(block++, channels, j);
    }
    AddActivation("activation_post", channels);
    AddConv("conv_post", 1, channels, 7, 1);
  }

  // Gives block `to` the weights of block `from`.
  void CopyBlock(int64_t from, int64_t to) {
    const std::string old_prefix = absl::StrFormat("resblocks.%d.", from);
    const std::map<std::string, at::Tensor> before = tensors_;
    for (const auto& [name, value] : before) {
      if (!name.starts_with(old_prefix)) continue;
      tensors_[absl::StrFormat("resblocks.%d.%s", to, name.substr(old_prefix.size()))] = value;
    }
  }

  absl::StatusOr<Vocoder> Build() const {
    Weights weights = WeightsFrom(tensors_);
    Vocoder vocoder(weights.Root(), config_);
    if (!weights.Finish().ok()) return weights.Finish();
    return vocoder;
  }

 private:
  void AddConv(const std::string& name, int64_t rows, int64_t columns, int64_t kernel, int64_t biases) {
    tensors_[name + ".weight_g"] = at::rand({rows, 1, 1}) + 0.5;
    tensors_[name + ".weight_v"] = at::randn({rows, columns, kernel});
    tensors_[name + ".bias"] = at::randn({biases}) * 0.1;
  }
  void AddActivation(const std::string& name, int64_t channels) {
    tensors_[name + ".act.alpha"] = at::randn({channels}) * 0.3;
    tensors_[name + ".act.beta"] = at::randn({channels}) * 0.3;
    tensors_[name + ".upsample.filter"] = KaiserLowPass();
    tensors_[name + ".downsample.lowpass.filter"] = KaiserLowPass();
  }
  void AddBlock(int64_t block, int64_t channels, size_t kernel) {
    for (size_t n = 0; n < config_.resblock_dilation_sizes[kernel].size(); ++n) {
      for (const int convs : {1, 2}) {
        AddConv(absl::StrFormat("resblocks.%d.convs%d.%d", block, convs, n), channels, channels,
                config_.resblock_kernel_sizes[kernel], channels);
        AddActivation(absl::StrFormat("resblocks.%d.activations.%d", block, 2 * n + static_cast<size_t>(convs) - 1),
                      channels);
      }
    }
  }

  VocoderConfig config_;
  std::map<std::string, at::Tensor> tensors_;
};

VocoderConfig SmallConfig(const std::vector<int64_t>& kernels) {
  return {.num_mels = 6,
          .upsample_initial_channel = 8,
          .upsample_rates = {3, 2},
          .upsample_kernel_sizes = {7, 4},
          .resblock_kernel_sizes = kernels,
          .resblock_dilation_sizes = std::vector<std::vector<int64_t>>(kernels.size(), {1, 4})};
}

TEST(VocoderTest, AnyNumberOfKernelsRatesAndDilationsFits) {
  at::manual_seed(3);
  for (const std::vector<int64_t>& kernels : std::vector<std::vector<int64_t>>{{5}, {3, 7}, {3, 5, 7, 11}}) {
    const auto vocoder = RandomVocoder(SmallConfig(kernels)).Build();
    ASSERT_TRUE(vocoder.ok()) << vocoder.status();

    const at::Tensor waveform = vocoder->Forward(at::randn({1, 6, 9}));

    EXPECT_EQ(waveform.sizes(), at::IntArrayRef({1, 1, 6 * 9}));
    EXPECT_TRUE(at::isfinite(waveform).all().item<bool>());
    EXPECT_LE(waveform.abs().max().item<float>(), 1);
  }
}

TEST(VocoderTest, AStageIsTheMeanOfItsBlocks) {
  at::manual_seed(4);
  RandomVocoder twice(SmallConfig({3, 3}));
  twice.CopyBlock(0, 1);
  twice.CopyBlock(2, 3);
  const auto vocoder = twice.Build();
  ASSERT_TRUE(vocoder.ok()) << vocoder.status();
  RecordingProbe probe;

  vocoder->Forward(at::randn({1, 6, 5}), &probe);

  // The mean of two equal blocks is either of them, to the last bit.
  const at::Tensor one_block = vocoder->blocks()[0].Forward(probe.values().at("up0"));
  EXPECT_TRUE(at::equal(probe.values().at("stage0"), one_block));
}

class AudioDecoderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto bundle = OpenBundle(OVI_SHARED_DIR "/demo-bundle");
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    bundle_ = *bundle;
  }
  BundleConfig bundle_;
};

TEST_F(AudioDecoderTest, MakesTwoHopsOfSamplesForEachLatentStep) {
  const auto decoder = AudioDecoder::Load(bundle_, Placement{});
  ASSERT_TRUE(decoder.ok()) << decoder.status();
  at::manual_seed(5);

  const auto waveform = decoder->Decode(at::randn({7, bundle_.audio_vae.embed_dim}));

  ASSERT_TRUE(waveform.ok()) << waveform.status();
  EXPECT_EQ(waveform->sizes(), at::IntArrayRef({7 * 2 * 256}));
  EXPECT_EQ(waveform->scalar_type(), at::kFloat);
}

TEST_F(AudioDecoderTest, StopsBeforeTheVocoderWhenAsked) {
  const auto decoder = AudioDecoder::Load(bundle_, Placement{});
  ASSERT_TRUE(decoder.ok()) << decoder.status();
  int asked = 0;

  const auto stopped = decoder->Decode(at::ones({3, bundle_.audio_vae.embed_dim}), [&] { return ++asked > 0; });

  EXPECT_EQ(stopped.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 1);
}

TEST_F(AudioDecoderTest, NamesTheShapeThatItRefuses) {
  const auto decoder = AudioDecoder::Load(bundle_, Placement{});
  ASSERT_TRUE(decoder.ok()) << decoder.status();

  const auto refused = decoder->Decode(at::ones({20, 157, 1}));

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("[20, 157, 1]; it must be [length, 20]"));
}

TEST_F(AudioDecoderTest, AFileOfAnotherNetworkIsOneErrorThatNamesTensors) {
  std::swap(bundle_.audio_vae_file, bundle_.vocoder_file);
  const auto decoder = AudioDecoder::Load(bundle_, Placement{});
  EXPECT_EQ(decoder.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(decoder.status().message()), HasSubstr("decoder.conv_in.weight"));
}

}  // namespace
}  // namespace ovi
