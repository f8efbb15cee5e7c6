// One golden case: what goes in, what the reference made of it, and how exact we must be (goldens/README.md).
// Each kind of case has a runner that calls the very classes the server uses; the frame compares, prints and dumps.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"

namespace ovi {

struct Tolerance {
  double max_abs = 0;     // largest absolute difference
  double rel_rms = -1;    // rms(x - e) / rms(e); negative: not demanded
  double differing = -1;  // integers: fraction that may differ at all; negative: not demanded
};

struct ExpectedTensor {
  at::Tensor value;
  Tolerance tolerance;
};

struct ParityCase {
  std::string name, kind;
  std::string directory;  // where the case's files lie
  std::string file;       // its data file, within `directory`
  nlohmann::json args;
  std::map<std::string, at::Tensor> inputs;        // without the prefix "input."
  std::map<std::string, ExpectedTensor> expected;  // without the prefix "expected."
};

// What the cases are run against.
struct ParityContext {
  BundleConfig bundle;
  c10::Device device = c10::Device(c10::kCPU);
  at::ScalarType dtype = at::kFloat;
};

// What a runner computed: tensors by the golden's names, or for a JSON table how many rows came out differently.
struct CaseOutcome {
  std::map<std::string, at::Tensor> tensors = {};
  int64_t rows = 0, wrong_rows = 0;
  std::string first_wrong_row = {};  // initialised, so that {.tensors = ...} is no warning
};

using CaseRunner = std::function<absl::StatusOr<CaseOutcome>(const ParityContext&, const ParityCase&)>;

absl::StatusOr<CaseOutcome> RunTokenizerCase(const ParityContext&, const ParityCase&);    // tokenizer
absl::StatusOr<CaseOutcome> RunSizesCase(const ParityContext&, const ParityCase&);        // sizes
absl::StatusOr<CaseOutcome> RunTextEncoderCase(const ParityContext&, const ParityCase&);  // t5
absl::StatusOr<CaseOutcome> RunFusionCase(const ParityContext&, const ParityCase&);       // fusion
absl::StatusOr<CaseOutcome> RunSchedulerCase(const ParityContext&, const ParityCase&);    // scheduler
absl::StatusOr<CaseOutcome> RunLoopCase(const ParityContext&, const ParityCase&);         // loop
absl::StatusOr<CaseOutcome> RunVideoVaeCase(const ParityContext&, const ParityCase&);     // video_vae
absl::StatusOr<CaseOutcome> RunAudioCase(const ParityContext&, const ParityCase&);        // audio
absl::StatusOr<CaseOutcome> RunLoaderCase(const ParityContext&, const ParityCase&);       // loader
absl::StatusOr<CaseOutcome> RunImageCase(const ParityContext&, const ParityCase&);        // image
absl::StatusOr<CaseOutcome> RunEndToEndCase(const ParityContext&, const ParityCase&);     // e2e

}  // namespace ovi
