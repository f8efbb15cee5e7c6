// One block of the twin transformer: both towers attend to themselves, then each to its prompt and to the other.
#pragma once

#include <span>

#include "engine/device/side_stream.h"
#include "engine/fusion/fusion_text.h"
#include "engine/fusion/tower.h"
#include "engine/fusion/trace.h"

namespace ovi {

// A clip on its way through one pass (x has one row), or through several at once (one row for each, or a common one
// as long as they have not parted).
struct ClipState {
  TowerState video, audio;
};

// Runs block `index` of both towers, the audio tower on `side`: afterwards the main queue sees all of it. `texts`: one
// for each pass. Traces under video_ and audio_: in, after_self, out, and what the attentions trace.
void RunFusionBlock(const Tower& video_tower, const Tower& audio_tower, size_t index,
                    std::span<const FusionText* const> texts, ClipState& clip, SideStream& side, const Trace& trace);

// The first pass alone. Shares storage with `clip`, so a block run on it moves the first row of `clip` on, once its
// streams have been asked for their values.
ClipState FirstPass(ClipState& clip);

}  // namespace ovi
