// Who computes the convolutions of the VAEs and the vocoder: the vendor's library (cuDNN, MIOpen) or LibTorch's own
// kernels.
//
// MIOpen has shipped releases whose every solver fails or searches for half an hour, so the vendor's library is tried
// on the device before it serves. The choice is LibTorch's process-wide switch: make it once, before the first model
// runs.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

enum class ConvolutionBackend {
  kVendor,  // cuDNN or MIOpen
  kNative,  // LibTorch's kernels; on the CPU these are what there is, oneDNN among them
};

struct ConvolutionSelection {
  ConvolutionBackend backend = ConvolutionBackend::kNative;
  std::string line =
      "";  // "convolution: cuDNN 9.10.2, 0.08 ms where native takes 1.9 (3-D sample; checked against float64)"
};

// Sets MIOpen's search mode to FAST where the environment has set none, and returns the settings in force, "" where
// this is no ROCm build. MIOpen reads them at its first convolution: call it before, and before any thread (it calls
// setenv).
std::string PrepareMiopen();

// x [1, C, T, H, W] with weight [O, C, 3, 3, 3] of the same dtype, unpadded; a test hands in one that is wrong.
using ConvolutionFunction = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& weight)>;

// A trial's outcome: the time of a sample in milliseconds, or the reason not to use this backend.
using ConvolutionTrial = absl::StatusOr<double>;

// Tries a 3-D convolution in both memory formats that the VAE uses, and compares it with float64 on the CPU. The time
// is that of one layer of the decoder, contiguous; 0 on the CPU, where there is nothing to choose.
ConvolutionTrial TryConvolution(c10::Device device, at::ScalarType dtype, const ConvolutionFunction& run);

// `requested` is "auto" (the faster of those that are right), "vendor" or "native". Sets LibTorch's switch.
// InvalidArgument: no such name. FailedPrecondition: what was asked for by name is wrong or absent, or nothing works;
// says why, and what would. A first search by the vendor's library can take minutes on ROCm.
absl::StatusOr<ConvolutionSelection> ChooseConvolution(c10::Device device, at::ScalarType dtype,
                                                       std::string_view requested = "auto");

// The rule of ChooseConvolution alone, on an accelerator, on trials already made. `vendor_name`: "cuDNN 9.10.2".
absl::StatusOr<ConvolutionSelection> SelectConvolution(const std::string& requested, const std::string& vendor_name,
                                                       const ConvolutionTrial& vendor, const ConvolutionTrial& native);

}  // namespace ovi
