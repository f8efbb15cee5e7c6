// The mel front end and the encoder that it feeds.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

#include "engine/audio_vae/audio_decoder.h"
#include "engine/audio_vae/mel_spectrogram.h"
#include "engine/checkpoint/bundle.h"

namespace ovi {
namespace {

using testing::HasSubstr;

at::Tensor Tone(double hz, double amplitude, int64_t samples) {
  const at::Tensor time = at::arange(samples, at::kDouble) / 16000;
  return (at::sin(time * (2 * std::numbers::pi * hz)) * amplitude).to(at::kFloat).unsqueeze(0);
}

TEST(MelSpectrogramTest, APureToneIsLoudestInItsOwnBand) {
  const MelSpectrogram mel(MelOptions{}, at::kCPU);
  for (const double hz : {250.0, 440.0, 1000.0, 2500.0, 6000.0}) {
    const at::Tensor frames = mel.Forward(Tone(hz, 0.5, 8192));
    const int64_t loudest = frames[0].select(1, 16).argmax().item<int64_t>();
    // The band that weighs the tone's bin most. Neighbouring bins of 15.6 Hz share a band or border on the next.
    const int64_t bin = static_cast<int64_t>(hz * 1024 / 16000 + 0.5);
    const int64_t expected = mel.filter_bank().select(1, bin).argmax().item<int64_t>();
    EXPECT_LE(std::abs(loudest - expected), 1) << hz << " Hz";
  }
}

TEST(MelSpectrogramTest, TheOutermostSlaneyBandsLieWhereTheScalePutsThem) {
  // 80 bands over 0 to 45.245640471924965 mel: the first triangle spans 0 to 2 steps of 37.24 Hz, so its peak is
  // between bins 2 (31.25 Hz) and 3 (46.9 Hz) and bin 5 (78.1 Hz) is outside; the last ends at 8 kHz, bin 512.
  const at::Tensor bank = MelFilterBank(MelOptions{});
  EXPECT_EQ(bank.sizes(), at::IntArrayRef({80, 513}));
  EXPECT_EQ(bank[0].argmax().item<int64_t>(), 2);
  EXPECT_EQ(bank[0][5].item<float>(), 0);
  EXPECT_EQ(bank[79][512].item<float>(), 0);
  EXPECT_GT(bank[79][511].item<float>(), 0);
}

TEST(MelSpectrogramTest, SilenceLiesOnTheFloor) {
  const at::Tensor frames = MelSpectrogram(MelOptions{}, at::kCPU).Forward(at::zeros({1, 4096}));
  EXPECT_EQ(frames.sizes(), at::IntArrayRef({1, 80, 16}));
  EXPECT_FLOAT_EQ(frames.min().item<float>(), -5);
  EXPECT_FLOAT_EQ(frames.max().item<float>(), -5);
}

TEST(MelSpectrogramTest, SamplesBeyondFullScaleAreClamped) {
  const MelSpectrogram mel(MelOptions{}, at::kCPU);
  const at::Tensor loud = at::full({1, 2048}, 3.0), full = at::full({1, 2048}, 1.0);
  EXPECT_TRUE(mel.Forward(loud).equal(mel.Forward(full)));
}

TEST(AudioVaeEncoderTest, RefusesWhatIsTooShortForOneLatentStep) {
  const auto bundle = OpenBundle(OVI_SHARED_DIR "/goldens/tiny-bundle");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const auto encoder = LoadAudioVaeEncoder(bundle->audio_vae_file, bundle->audio_vae, Placement{});
  ASSERT_TRUE(encoder.ok()) << encoder.status();

  const auto refused = encoder->Encode(at::zeros({1, 511}));

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("511 samples; it must be [batch, samples] with 512"));
  EXPECT_TRUE(encoder->Encode(at::zeros({1, 512})).ok());
}

}  // namespace
}  // namespace ovi
