// The sound networks against the goldens: audio VAE both ways, mel front end, vocoder, its blocks and its activation.
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/parity/golden.h"

namespace ovi {
namespace {

// Seen failing, largest difference over its limit: v of the VAE's attention not normalised 0.064 over 2.6e-5 (mel); a
// symmetric window 6.0e-3 over 2.3e-5 (mel); dilation 3 for 5 in the vocoder 1.6 over 3.4e-4 (waveform).
TEST(AudioParityTest, MatchesEveryGolden) { ExpectAllMatch("audio", RunAudioCase); }

// The same vocoder under PyTorch's newer names for its weights: every vocoder case must come out right with it.
// Seen failing: lengths 0.1 % too large under the newer name, 0.20 over 3.4e-4 (waveform).
TEST(AudioParityTest, OtherSpellingsOfTheWeightsMakeNoDifference) {
  const auto cases = LoadGoldens("loader");
  ASSERT_FALSE(cases.empty());
  for (const ParityCase& parity_case : cases) {
    const auto outcome = RunLoaderCase(GoldenContext(), parity_case);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_GT(outcome->rows, 0);
    EXPECT_EQ(outcome->wrong_rows, 0) << outcome->first_wrong_row;
  }
}

// In bfloat16 we round where upstream rounds, so we must lose what it loses. The figures are the relative L2 distance
// of upstream's classes from these float32 goldens, with upstream's autocast rules applied on a CPU; ours came out
// bit-equal to theirs there. A quarter is left for convolutions that sum in another order.
// Seen failing: the interpolated signal in 4 bits (FP8) 0.174 over 0.095 (waveform), silu of the same 0.027 over 0.0080
// (mel). Single roundings in the wrong place are too small for this; the unit tests watch over those.
TEST(AudioParityTest, InBfloat16LosesNoMoreThanUpstream) {
  constexpr double kAllowance = 1.25;
  const std::map<std::string, std::pair<std::string, double>> losses = {
      {"vocoder_short", {"waveform", 0.0763}},
      {"audio_vae_decode_even", {"mel", 0.00642}},
      {"vocoder_blocks", {"resblock1", 0.00798}},
  };
  ParityContext context = GoldenContext();
  context.dtype = at::kBFloat16;
  size_t compared = 0;
  for (const ParityCase& parity_case : LoadGoldens("audio")) {
    const auto loss = losses.find(parity_case.name);
    if (loss == losses.end()) continue;
    const auto& [name, upstream] = loss->second;
    const auto outcome = RunAudioCase(context, parity_case);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    const at::Tensor& ours = outcome->tensors.at(name);
    EXPECT_EQ(ours.scalar_type(), at::kBFloat16) << parity_case.name;
    const at::Tensor expected = parity_case.expected.at(name).value;
    const double relative = (ours.to(at::kFloat).sub(expected).norm().item<double>()) / expected.norm().item<double>();
    EXPECT_LE(relative, kAllowance * upstream) << parity_case.name;
    ++compared;
  }
  EXPECT_EQ(compared, losses.size());
}

}  // namespace
}  // namespace ovi
