// From cleaned prompts to what the fusion model reads: tokenizer and UMT5 encoder together.
//
//   OVI_ASSIGN_OR_RETURN(PromptEncoder encoder, LoadPromptEncoder(bundle, {.device = device}));
//   std::vector<at::Tensor> text = encoder.Encode({CleanPrompt(prompt), CleanPrompt(video_negative), ...});
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/text/tokenizer.h"
#include "engine/text/umt5_encoder.h"

namespace ovi {

// Immutable, thread-safe.
class PromptEncoder {
 public:
  // Every id of the tokenizer must be below the encoder's vocab_size: LoadPromptEncoder checks that.
  PromptEncoder(std::shared_ptr<const Tokenizer> tokenizer, Umt5Encoder encoder, int64_t text_len);

  // One [n_i, dim] per prompt, n_i <= text_len its tokens with the end piece, in the dtype and on the device of the
  // weights. The towers pad with zeros to text_len themselves. The prompts run as one batch padded to the longest:
  // upstream pads to text_len, but padding is masked, so that only the shape of the products differs.
  std::vector<at::Tensor> Encode(const std::vector<std::string>& cleaned_prompts) const;

  const Tokenizer& tokenizer() const { return *tokenizer_; }
  int64_t text_len() const { return text_len_; }

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  Umt5Encoder encoder_;
  int64_t text_len_;
};

// NotFound, InvalidArgument (a file that cannot be read, or a tokenizer with more ids than the encoder has embeddings),
// FailedPrecondition (weights that do not fit).
absl::StatusOr<PromptEncoder> LoadPromptEncoder(const BundleConfig& bundle, const Placement& placement);

}  // namespace ovi
