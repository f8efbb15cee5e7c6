#include "engine/fusion/fusion_block.h"

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
                    std::span<const FusionText* const> texts, ClipState& clip, const Trace& trace) {
  const TowerBlock& video_block = video_tower.blocks[index];
  const TowerBlock& audio_block = audio_tower.blocks[index];
  TowerState &video = clip.video, &audio = clip.audio;
  const Trace video_trace = trace.Sub("video_"), audio_trace = trace.Sub("audio_");

  audio_trace.Record("in", audio.x);
  video_trace.Record("in", video.x);
  audio_block.AddSelfAttention(audio.x, audio.modulation[index], audio.rope, audio_trace);
  video_block.AddSelfAttention(video.x, video.modulation[index], video.rope, video_trace);
  audio_trace.Record("after_self", audio.x);
  video_trace.Record("after_self", video.x);

  // Each tower attends to the other as it is now. Audio moves on first, so what video needs of it is taken before.
  const OtherTower audio_for_video =
      video_block.cross_attention().PrepareOther(audio.x, audio.rope, video_trace, "cross_k_from_audio");
  {
    const OtherTower video_for_audio =
        audio_block.cross_attention().PrepareOther(video.x, video.rope, audio_trace, "cross_k_from_video");
    audio_block.AddCrossAttention(audio.x, TextsOfBlock(texts, &FusionText::audio, index), video_for_audio, audio.rope,
                                  audio_trace);
  }  // the larger keys and values are gone before the feed-forward layers need room
  audio_block.AddFeedForward(audio.x, audio.modulation[index]);
  video_block.AddCrossAttention(video.x, TextsOfBlock(texts, &FusionText::video, index), audio_for_video, video.rope,
                                video_trace);
  video_block.AddFeedForward(video.x, video.modulation[index]);
  audio_trace.Record("out", audio.x);
  video_trace.Record("out", video.x);
}

ClipState FirstPass(const ClipState& clip) {
  ClipState first = clip;
  first.video.x = clip.video.x.narrow(0, 0, 1);
  first.audio.x = clip.audio.x.narrow(0, 0, 1);
  return first;
}

}  // namespace ovi
