// From what a client asks to what will be made: every field checked, every default filled in, the size snapped.
//
// Pure: no device, no file, no clock. The prompt is taken as it is; whoever owns the tokenizer rewrites and cleans it
// (`effective_prompt` starts as a copy of `prompt`), and whoever owns the picture codecs reads the first frame's size.
//
// Reasons of violations (stable, part of the API), by field:
//   prompt                            EMPTY_PROMPT, PROMPT_TOO_LONG, INVALID_UTF8
//   {video,audio}_negative_prompt     PROMPT_TOO_LONG, INVALID_UTF8
//   height, width                     SIZE_INCOMPLETE, SIZE_OUT_OF_RANGE
//   first_frame                       EMPTY_IMAGE, SIZE_OUT_OF_RANGE, and the picture reader's own
//   steps, slg_layer                  STEPS_OUT_OF_RANGE, SLG_LAYER_OUT_OF_RANGE
//   shift                             NOT_FINITE, SHIFT_OUT_OF_RANGE
//   {video,audio}_guidance_scale      NOT_FINITE, GUIDANCE_OUT_OF_RANGE
//   preview_interval_steps            PREVIEW_INTERVAL_OUT_OF_RANGE
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "base/field_violations.h"
#include "engine/clip.h"
#include "engine/request/sizes.h"

namespace ovi {

// The checkpoint that `name` asks for; empty asks for the first, the default. `served` is not empty.
// NotFound, reason UNKNOWN_CHECKPOINT, naming those there are.
absl::StatusOr<const CheckpointInfo*> FindCheckpoint(std::span<const CheckpointInfo> served, const std::string& name);

// What a request's fields do not hold.
struct ResolveContext {
  // The first frame as it is to be seen. Must be given if the request has a first frame, unless `found` says why not.
  std::optional<PixelSize> picture;
  FieldViolations found;  // what the caller already holds against the request, to be reported with the rest
  std::function<uint64_t()> draw_seed;  // called if the request has no seed; the low 32 bits are used
};

// InvalidArgument listing every violated field (base/field_violations.h).
absl::StatusOr<ClipSpec> ResolveRequest(const ClipRequest& request, const CheckpointInfo& checkpoint,
                                        const ResolveContext& context);

}  // namespace ovi
