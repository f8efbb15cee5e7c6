// The safetensors container: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps.
// Format: https://github.com/huggingface/safetensors (README, "Format").
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/checkpoint/file_reader.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

// InvalidArgument names the tensor and the offsets that do not fit.
absl::StatusOr<std::shared_ptr<const TensorFile>> OpenSafetensors(std::unique_ptr<FileReader> reader);

}  // namespace ovi
