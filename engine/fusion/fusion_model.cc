#include "engine/fusion/fusion_model.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/fusion/audio_embedding.h"
#include "engine/fusion/fusion_block.h"
#include "engine/fusion/tower.h"
#include "engine/fusion/trace.h"
#include "engine/fusion/video_patches.h"

namespace ovi {

struct FusionModel::Parts {
  Parts(const WeightScope& weights, const FusionConfig& fusion_config, const AttentionChoice& attention)
      : config(fusion_config),
        side_stream(SideStream::Choose(weights.placement().device)),
        video(weights.Sub("video_model"), config.video, attention),
        audio(weights.Sub("audio_model"), config.audio, attention),
        video_patches(weights.Sub("video_model"), config.video),
        audio_embedding(weights.Sub("audio_model"), config.audio) {}

  // One velocity for each of `texts`; the skipped block is left out of the last one's pass.
  std::vector<Velocity> Run(const at::Tensor& video_latent, const at::Tensor& audio_latent, double timestep,
                            std::span<const FusionText* const> texts, const ForwardOptions& options) const {
    const Trace trace(options.probe);
    const TokenGrid grid = video_patches.Grid(video_latent);
    ClipState clip = Embed(video_latent, grid, audio_latent, timestep, options.first_frame_is_clean, trace);
    SideStream side(side_stream);
    for (size_t i = 0; i < video.blocks.size(); ++i) {
      const Trace block_trace = trace.active() ? trace.Sub("blocks." + std::to_string(i) + ".") : trace;
      const bool skipped = options.slg_layer > 0 && i == static_cast<size_t>(options.slg_layer);
      if (!skipped) {
        RunFusionBlock(video, audio, i, texts, clip, side, block_trace);
      } else if (texts.size() == 2) {
        ClipState positive = FirstPass(clip);
        RunFusionBlock(video, audio, i, texts.first(1), positive, side, block_trace);
        positive.video.x.Value();
        positive.audio.x.Value();
      }
    }
    return Finish(clip, grid);
  }

  ClipState Embed(const at::Tensor& video_latent, const TokenGrid& grid, const at::Tensor& audio_latent,
                  double timestep, bool first_frame_is_clean, const Trace& trace) const {
    ClipState clip;
    clip.video.x = ResidualStream(video_patches.Forward(video_latent));
    clip.video.rope = video.rope.Factors({grid.frames, grid.rows, grid.columns});
    clip.video.clean_tokens = first_frame_is_clean ? grid.tokens_per_frame() : 0;
    EmbedTime(video, timestep, clip.video, trace.Sub("video_"));
    clip.audio.x = ResidualStream(audio_embedding.Forward(audio_latent));
    clip.audio.rope = audio.rope.Factors({audio_latent.size(0)});
    EmbedTime(audio, timestep, clip.audio, trace.Sub("audio_"));
    trace.Record("video_tokens", clip.video.x.Value());
    trace.Record("audio_tokens", clip.audio.x.Value());
    return clip;
  }

  std::vector<Velocity> Finish(ClipState& clip, const TokenGrid& grid) const {
    const at::Tensor video_out = video.head.Forward(clip.video.x, clip.video.e, clip.video.clean_tokens);
    const at::Tensor audio_out = audio.head.Forward(clip.audio.x, clip.audio.e, clip.audio.clean_tokens);
    std::vector<Velocity> velocities;
    for (int64_t row = 0; row < video_out.size(0); ++row) {
      velocities.push_back({Unpatchify(video_out[row], grid, config.video), audio_out[row]});
    }
    return velocities;
  }

  FusionConfig config;
  std::optional<c10::Stream> side_stream;
  Tower video, audio;
  VideoPatchEmbedding video_patches;
  AudioEmbedding audio_embedding;
};

FusionModel::FusionModel(WeightScope weights, const FusionConfig& config, const AttentionChoice& attention) {
  TORCH_CHECK(config.video.dim == config.audio.dim && config.video.num_heads == config.audio.num_heads &&
                  config.video.num_layers == config.audio.num_layers,
              "the towers differ in dim, num_heads or num_layers; a fusion model needs them equal");
  parts_ = std::make_unique<const Parts>(weights, config, attention);
}

FusionModel::~FusionModel() = default;
FusionModel::FusionModel(FusionModel&&) noexcept = default;

const FusionConfig& FusionModel::config() const { return parts_->config; }

FusionText FusionModel::PrepareText(const at::Tensor& video_text, const at::Tensor& audio_text, Probe* probe) const {
  const Trace trace(probe);
  return {parts_->video.PrepareText(video_text, trace.Sub("video_")),
          parts_->audio.PrepareText(audio_text, trace.Sub("audio_"))};
}

Velocity FusionModel::Forward(const at::Tensor& video, const at::Tensor& audio, double timestep, const FusionText& text,
                              const ForwardOptions& options) const {
  const FusionText* const texts[] = {&text};
  return parts_->Run(video, audio, timestep, texts, options).front();
}

std::pair<Velocity, Velocity> FusionModel::ForwardPair(const at::Tensor& video, const at::Tensor& audio,
                                                       double timestep, const FusionText& positive,
                                                       const FusionText& negative,
                                                       const ForwardOptions& options) const {
  const FusionText* const texts[] = {&positive, &negative};
  std::vector<Velocity> velocities = parts_->Run(video, audio, timestep, texts, options);
  return {std::move(velocities[0]), std::move(velocities[1])};
}

}  // namespace ovi
