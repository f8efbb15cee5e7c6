// Encoding a prompt and two negative prompts: ours, padded to the longest of the three, against upstream's way, padded
// to text_len. The rows that count are the same but for rounding; the layers are the same code.
//   text_bench FOLDER...         such as models/demo; a bundle each
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/compare.h"
#include "bench/run_bundles.h"
#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/text/prompt_encoder.h"

namespace ovi::bench {
namespace {

absl::Status Run(const std::string& folder) {
  OVI_ASSIGN_OR_RETURN(const BundleConfig bundle, OpenBundle(folder));
  OVI_ASSIGN_OR_RETURN(const PromptEncoder ours, LoadPromptEncoder(bundle, Placement{}));
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(bundle.text_encoder_file));
  Weights weights(std::move(file), Placement{});
  const Umt5Encoder plain(weights.Root(), bundle.text_encoder);
  OVI_RETURN_IF_ERROR(weights.Finish());

  const std::vector<std::string> prompts = {
      "A red ball bounces up and down on a black background. Audio: A dull thud at every bounce.",
      bundle.defaults.video_negative_prompt, bundle.defaults.audio_negative_prompt};
  const int64_t text_len = bundle.fusion.video.text_len, count = static_cast<int64_t>(prompts.size());
  at::Tensor ids = at::full({count, text_len}, ours.tokenizer().pad_id(), at::kLong);
  at::Tensor mask = at::zeros({count, text_len}, at::kBool);
  for (int64_t i = 0; i < count; ++i) {
    const std::vector<int64_t> row = ours.tokenizer().Encode(prompts[static_cast<size_t>(i)], text_len);
    const auto length = static_cast<int64_t>(row.size());
    ids[i].narrow(0, 0, length).copy_(at::tensor(row, at::kLong));
    mask[i].narrow(0, 0, length).fill_(true);
  }
  PrintRow(absl::StrFormat("%s: three prompts, text_len %d", bundle.name, text_len),
           Compare([&] { ours.Encode(prompts); }, [&] { plain.Forward(ids, mask); }, 15));
  return absl::OkStatus();
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) { return ovi::bench::RunBundles(argc, argv, ovi::bench::Run); }
