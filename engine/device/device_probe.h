// The part of `ovi-server --selftest` that needs no model: is this device, with this LibTorch, fit to serve?
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/self_test.h"

namespace ovi {

struct ProbeOptions {
  at::ScalarType dtype = at::kBFloat16;
  std::string attention = "auto", convolution = "auto";  // what the server was asked for
};

// The line that a question's answer makes: what there is to say if it went well, or what is wrong. LibTorch's
// exceptions count as wrong.
SelfTestLine Ask(const std::string& name, const std::function<absl::StatusOr<std::string>()>& question);

// One line each: runtime (versions, settings), matmul (right, TFLOP/s), attention, convolution, memory. A line that
// fails does not stop the next. Takes seconds; the first run on ROCm minutes, while MIOpen searches. Sets LibTorch's
// switch for convolutions (ChooseConvolution) and starts the ledger's peaks anew, so run it before an engine is loaded.
std::vector<SelfTestLine> ProbeDevice(c10::Device device, const ProbeOptions& options = {});

}  // namespace ovi
