// Cases of kind "t5": the UMT5 encoder alone, as the engine calls it, and its table of relative positions.
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/parity/parity_case.h"
#include "engine/text/relative_position.h"
#include "engine/text/umt5_encoder.h"

namespace ovi {
namespace {

// Hidden states and everything probed; with a mask also each prompt's part, cut to its length, as embedding_<i>.
std::map<std::string, at::Tensor> RunEncoder(const Umt5Encoder& encoder, const ParityCase& parity_case) {
  const auto input = [&](const char* name) {
    const auto found = parity_case.inputs.find(name);
    return found == parity_case.inputs.end() ? at::Tensor() : found->second.to(encoder.device());
  };
  const at::Tensor mask = input("mask");
  RecordingProbe probe;
  const at::Tensor hidden = encoder.Forward(input("ids"), mask, &probe);
  std::map<std::string, at::Tensor> computed = probe.values();
  for (int64_t i = 0; mask.defined() && i < mask.size(0); ++i) {
    const auto length = mask[i].gt(0).sum().item<int64_t>();
    computed[absl::StrFormat("embedding_%d", i)] = hidden[i].narrow(0, 0, length);
  }
  return computed;
}

}  // namespace

absl::StatusOr<CaseOutcome> RunTextEncoderCase(const ParityContext& context, const ParityCase& parity_case) {
  CaseOutcome outcome;
  if (const auto relative = parity_case.inputs.find("relative_position"); relative != parity_case.inputs.end()) {
    outcome.tensors["bucket"] = RelativePositionBuckets(
        relative->second, parity_case.args.value("num_buckets", context.bundle.text_encoder.num_buckets),
        parity_case.args.value("max_distance", int64_t{128}));
    return outcome;
  }
  if (!parity_case.inputs.contains("ids")) {
    return absl::UnimplementedError(absl::StrFormat("%s has neither ids nor relative positions", parity_case.name));
  }
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(context.bundle.text_encoder_file));
  Weights weights(std::move(file), {.device = context.device, .stored = context.dtype, .compute = context.dtype});
  const Umt5Encoder encoder(weights.Root(), context.bundle.text_encoder);
  OVI_RETURN_IF_ERROR(weights.Finish());
  std::map<std::string, at::Tensor> computed = RunEncoder(encoder, parity_case);
  for (const auto& [name, expected] : parity_case.expected) {
    const auto found = computed.find(name);
    if (found == computed.end()) {
      return absl::UnimplementedError(
          absl::StrFormat("%s expects %s, which the text encoder does not offer", parity_case.name, name));
    }
    outcome.tensors[name] = found->second;
  }
  return outcome;
}

}  // namespace ovi
