#include "bench/device/repeats.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/pipeline/stages.h"

namespace ovi::bench {
namespace {

// The results of the first run of one network, and how the later ones compare.
class Comparison {
 public:
  explicit Comparison(std::string work) : repeat_{.work = std::move(work)} {}

  void Add(const at::Tensor& result) {
    ++repeat_.runs;
    if (!first_.defined()) {
      first_ = result.clone();
    } else if (!result.equal(first_)) {
      ++repeat_.different;
      const double difference = result.to(at::kFloat).sub(first_.to(at::kFloat)).abs().max().item<double>();
      repeat_.largest_difference = std::max(repeat_.largest_difference, difference);
    }
  }
  const Repeat& result() const { return repeat_; }

 private:
  Repeat repeat_;
  at::Tensor first_;
};

}  // namespace

absl::StatusOr<std::vector<Repeat>> MeasureRepeats(const Models& models, int runs) {
  const c10::InferenceMode no_gradients;
  constexpr int64_t kPixels = 704, kFrames = 31, kAudio = 157;
  constexpr int kPasses = 3;  // a clip has a hundred for each decode
  const int64_t side = kPixels / models.video.decoder.stride();
  const auto random = [&](at::IntArrayRef shape) {
    return at::randn(shape, at::TensorOptions().device(models.device).dtype(models.dtype));
  };
  const at::Tensor video = random({models.bundle.fusion.video.in_dim, kFrames, side, side});
  const at::Tensor audio = random({kAudio, models.bundle.fusion.audio.in_dim});
  const std::string prompt = "A lighthouse above a grey sea. <S>Good evening.<E>";

  Comparison text("text encoder"), picture("forward, picture"), sound("forward, sound");
  Comparison waveform("sound decode"), frames("video decode");
  const at::Tensor encoded = models.text.Encode({prompt}).front();
  const FusionText prepared = models.fusion.PrepareText(encoded, encoded);
  GenerateObserver observer;
  for (int run = 0; run < runs; ++run) {
    text.Add(models.text.Encode({prompt}).front());
    for (int pass = 0; pass < kPasses; ++pass) {
      const Velocity velocity = models.fusion.Forward(video, audio, 500, prepared);
      picture.Add(velocity.video);
      sound.Add(velocity.audio);
    }
    OVI_ASSIGN_OR_RETURN(const at::Tensor decoded, DecodeAudio(models, audio, observer));
    waveform.Add(decoded);
    std::vector<at::Tensor> groups;
    OVI_RETURN_IF_ERROR(DecodeVideo(models, video, observer, [&](const at::Tensor& group) {
      groups.push_back(group);
      return absl::OkStatus();
    }));
    frames.Add(at::cat(groups));
  }
  return std::vector<Repeat>{text.result(), picture.result(), sound.result(), waveform.result(), frames.result()};
}

std::string ToMarkdown(const std::vector<Repeat>& repeats) {
  std::string text = "\n| the same input again | runs | different | by at most |\n|---|---|---|---|\n";
  for (const Repeat& repeat : repeats) {
    text += absl::StrFormat("| %s | %d | %d | %.3g |\n", repeat.work, repeat.runs, repeat.different,
                            repeat.largest_difference);
  }
  return text;
}

}  // namespace ovi::bench
