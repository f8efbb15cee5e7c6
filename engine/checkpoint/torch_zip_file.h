// A torch.save archive (.pt, .pth): a ZIP of one pickle and the raw bytes of each storage.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/checkpoint/file_reader.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

// A dictionary wrapped in `state_dict`, `model`, `generator`, `module` or `app`/`model` is unwrapped. InvalidArgument
// names what does not fit.
absl::StatusOr<std::shared_ptr<const TensorFile>> OpenTorchZip(std::unique_ptr<FileReader> reader);

}  // namespace ovi
