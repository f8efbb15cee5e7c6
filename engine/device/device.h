// Which device and dtype the models run on, and what they are called.
//
// "cuda" is what LibTorch calls both NVIDIA's and, in a ROCm build, AMD's devices; the code here is the same for both.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

// "cpu", "cuda" (the first one) or "cuda:<index>". InvalidArgument says what this build and machine offer instead.
absl::StatusOr<c10::Device> ParseDevice(std::string_view name);

// "float32" or "bfloat16". InvalidArgument.
absl::StatusOr<at::ScalarType> ParseDtype(std::string_view name);
// The same words back.
std::string DtypeName(at::ScalarType dtype);

// How many threads one CPU operation may use; 0: every core this process may run on. Returns the number in force.
// Process-wide: call it once, before the first operation. InvalidArgument if negative or above 1024.
absl::StatusOr<int> SetThreads(int threads);

// "cpu", "cuda:0 (NVIDIA H200)"; without the model's name where the build cannot ask for it.
std::string DescribeDevice(c10::Device device);

// "2.13.0"
std::string LibTorchVersion();

// A small operation on the device, and waiting for it. Throws c10::Error if the device does not do as it is told.
void TryDevice(c10::Device device);

// Waits until the device has done all that was queued on it. Throws c10::Error if that failed.
void Synchronize(c10::Device device);

}  // namespace ovi
