#include "engine/fusion/fusion_block.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ovi {
namespace {

std::vector<TextAttention> TextsOfBlock(std::span<const FusionText* const> texts, TowerText FusionText::*tower,
                                        size_t index) {
  std::vector<TextAttention> result;
  for (const FusionText* text : texts) {
    const TowerText& tower_text = text->*tower;
    result.push_back({&tower_text.blocks[index], &tower_text.bias});
  }
  return result;
}

}  // namespace

void RunFusionBlock(const Tower& video_tower, const Tower& audio_tower, size_t index,
                    std::span<const FusionText* const> texts, ClipState& clip, SideStream& side, const Trace& trace) {
  const TowerBlock& video_block = video_tower.blocks[index];
  const TowerBlock& audio_block = audio_tower.blocks[index];
  TowerState &video = clip.video, &audio = clip.audio;
  const Trace video_trace = trace.Sub("video_"), audio_trace = trace.Sub("audio_");
  const auto record = [&](std::string_view name) {
    if (!trace.active()) return;
    side.Run([&] { audio_trace.Record(name, audio.x.Value()); });
    video_trace.Record(name, video.x.Value());
  };

  // Each tower attends to the other as both are after their self-attention, so what each needs of the other is taken
  // before either moves on. The sound goes on the side: it is a hundredth of the work.
  record("in");
  side.Fork();
  ResidualStream::Pair audio_normed, video_normed;
  std::optional<OtherTower> audio_for_video, video_for_audio;
  side.Run([&] {
    audio_block.AddSelfAttention(audio.x, audio.modulation[index], audio.rope, audio_trace);
    audio_normed = audio.x.Norms(audio_block.cross_norm(), video_block.cross_attention().norm_other());
    audio_for_video = video_block.cross_attention().PrepareOther(std::move(audio_normed.second), audio.rope,
                                                                 video_trace, "cross_k_from_audio");
  });
  video_block.AddSelfAttention(video.x, video.modulation[index], video.rope, video_trace);
  video_normed = video.x.Norms(video_block.cross_norm(), audio_block.cross_attention().norm_other());
  video_for_audio = audio_block.cross_attention().PrepareOther(std::move(video_normed.second), video.rope, audio_trace,
                                                               "cross_k_from_video");
  record("after_self");
  side.Fork();
  side.Join();
  side.Run([&] {
    audio_block.AddCrossAttention(audio.x, std::move(audio_normed.first),
                                  TextsOfBlock(texts, &FusionText::audio, index), *video_for_audio, audio.rope,
                                  audio_trace);
    audio_block.AddFeedForward(audio.x, audio.modulation[index]);
  });
  video_block.AddCrossAttention(video.x, std::move(video_normed.first), TextsOfBlock(texts, &FusionText::video, index),
                                *audio_for_video, video.rope, video_trace);
  side.Join();
  video_for_audio.reset();  // large, and in the way of the feed-forward layer; the sound is done with it
  video_block.AddFeedForward(video.x, video.modulation[index]);
  record("out");
}

ClipState FirstPass(ClipState& clip) {
  ClipState first = clip;
  first.video.x = clip.video.x.FirstRow();
  first.audio.x = clip.audio.x.FirstRow();
  return first;
}

}  // namespace ovi
