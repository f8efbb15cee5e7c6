#include "engine/text/prompt_encoder.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {

PromptEncoder::PromptEncoder(std::shared_ptr<const Tokenizer> tokenizer, Umt5Encoder encoder, int64_t text_len)
    : tokenizer_(std::move(tokenizer)), encoder_(std::move(encoder)), text_len_(text_len) {}

std::vector<at::Tensor> PromptEncoder::Encode(const std::vector<std::string>& cleaned_prompts) const {
  if (cleaned_prompts.empty()) return {};
  std::vector<std::vector<int64_t>> prompts;
  std::vector<int64_t> lengths;
  for (const std::string& prompt : cleaned_prompts) {
    prompts.push_back(tokenizer_->Encode(prompt, text_len_));
    lengths.push_back(static_cast<int64_t>(prompts.back().size()));
  }
  const auto count = static_cast<int64_t>(prompts.size());
  const int64_t longest = std::ranges::max(lengths);
  at::Tensor ids = at::full({count, longest}, tokenizer_->pad_id(), at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const auto& prompt = prompts[static_cast<size_t>(i)];
    ids[i].narrow(0, 0, static_cast<int64_t>(prompt.size())).copy_(at::tensor(prompt, at::kLong));
  }
  const at::Tensor mask = at::arange(longest).unsqueeze(0).lt(at::tensor(lengths, at::kLong).unsqueeze(1));
  const bool padded = std::ranges::min(lengths) < longest;
  const at::Tensor hidden =
      encoder_.Forward(ids.to(encoder_.device()), padded ? mask.to(encoder_.device()) : at::Tensor());
  std::vector<at::Tensor> encoded;
  for (int64_t i = 0; i < count; ++i) encoded.push_back(hidden[i].narrow(0, 0, lengths[static_cast<size_t>(i)]));
  return encoded;
}

absl::StatusOr<PromptEncoder> LoadPromptEncoder(const BundleConfig& bundle, const Placement& placement) {
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const Tokenizer> tokenizer, OpenTokenizer(bundle.tokenizer_file));
  if (tokenizer->size() > bundle.text_encoder.vocab_size) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s has %d ids, but text_encoder.vocab_size is %d: tokenizer and text encoder do not belong together",
        bundle.tokenizer_file, tokenizer->size(), bundle.text_encoder.vocab_size));
  }
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(bundle.text_encoder_file));
  Weights weights(std::move(file), placement);
  Umt5Encoder encoder(weights.Root(), bundle.text_encoder);
  OVI_RETURN_IF_ERROR(weights.Finish());
  const int64_t text_len = std::min(bundle.fusion.video.text_len, bundle.fusion.audio.text_len);
  return PromptEncoder(std::move(tokenizer), std::move(encoder), text_len);
}

}  // namespace ovi
