#include "bench/device/arithmetic.h"

#include "engine/video_vae/vae_stage.h"

namespace ovi::bench {
namespace {

double D(int64_t number) { return static_cast<double>(number); }

Arithmetic TowerPass(const TowerConfig& tower, int64_t tokens, int64_t other_tokens) {
  Arithmetic work;
  // q, k, v, o of self-attention, q, o of cross-attention, two of the feed-forward layer; k, v of the other tower.
  work.products = 2 * D(tokens) * D(tower.dim) * D(6 * tower.dim + 2 * tower.ffn_dim) +
                  2 * D(other_tokens) * D(tower.dim) * D(2 * tower.dim);
  work.attention = 4 * D(tokens) * D(tokens + tower.text_len + other_tokens) * D(tower.dim);
  work.products *= D(tower.num_layers);
  work.attention *= D(tower.num_layers);
  return work;
}

// Convolutions of a residual block of the decoder, per position.
double ResidualBlock(int64_t in, int64_t out) {
  constexpr double kTaps = 27;
  return 2 * (kTaps * D(in) * D(out) + kTaps * D(out) * D(out) + (in == out ? 0 : D(in) * D(out)));
}

}  // namespace

Arithmetic ForwardPass(const FusionConfig& config, int64_t frames, int64_t height, int64_t width, int64_t audio) {
  const auto& patch = config.video.patch_size;
  const int64_t tokens = frames / patch[0] * (height / patch[1]) * (width / patch[2]);
  const Arithmetic video = TowerPass(config.video, tokens, audio), sound = TowerPass(config.audio, audio, tokens);
  return {video.products + sound.products, video.attention + sound.attention};
}

Arithmetic TextEncoding(const TextEncoderConfig& config, int64_t prompts, int64_t length) {
  const double rows = D(prompts * length);
  return {.products = D(config.num_layers) * 2 * rows * D(config.dim) * D(4 * config.dim_attn + 3 * config.dim_ffn),
          .attention = D(config.num_layers) * 4 * rows * D(length) * D(config.dim_attn)};
}

Arithmetic VideoDecoding(const VideoVaeConfig& config, int64_t frames, int64_t height, int64_t width) {
  Arithmetic work;
  for (const bool first : {true, false}) {
    const double groups = first ? 1 : D(frames - 1);
    double positions = D(height * width), group = 0;
    const std::vector<VaeStage> stages = DecoderStages(config);
    const int64_t narrowest = stages.front().in;
    group += positions * (2 * 27 * D(config.z_dim) * D(narrowest) + 2 * ResidualBlock(narrowest, narrowest) +
                          2 * 4 * D(narrowest) * D(narrowest));
    work.attention += groups * 4 * positions * positions * D(narrowest);
    for (const VaeStage& stage : stages) {
      for (int64_t i = 0; i < stage.num_res_blocks; ++i) {
        group += positions * ResidualBlock(i == 0 ? stage.in : stage.out, stage.out);
      }
      const bool doubles = stage.time_factor > 1 && !first;
      if (doubles) {
        group += positions * 2 * 3 * D(stage.out) * D(2 * stage.out);
        positions *= 2;
      }
      if (stage.space_factor > 1) {
        group +=
            positions * 2 * 4 * D(stage.out) * D(4 * stage.out);  // nine taps folded into four of the small picture
        positions *= 4;
      }
    }
    group += positions * 2 * 27 * D(stages.back().out) * 12;
    work.products += groups * group;
  }
  return work;
}

}  // namespace ovi::bench
