// From a request to the clip that will be made, with everything that only the models' owner knows: the checkpoint's
// tags, the cleaning of prompts, what the tokenizer makes of them, and whether the first frame is a picture.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"
#include "engine/clip.h"
#include "engine/text/tokenizer.h"

namespace ovi {

// Immutable, thread-safe; touches no device.
class ClipResolver {
 public:
  ClipResolver(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const Tokenizer& tokenizer);

  // As Engine::Resolve. The first frame is decoded once here, so that a damaged one is refused at submit.
  absl::StatusOr<ClipSpec> Resolve(const ClipRequest& request) const;

  const std::vector<CheckpointInfo>& checkpoints() const { return checkpoints_; }

 private:
  const std::vector<CheckpointInfo> checkpoints_;
  const AudioTags audio_tags_;
  const int64_t text_len_;
  const Tokenizer& tokenizer_;
};

}  // namespace ovi
