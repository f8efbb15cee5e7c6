#include "engine/device/device.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/ops/ones.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/version.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "engine/device/device_name.h"

namespace ovi {
namespace {

constexpr int kMaxThreads = 1024;

// How many devices "cuda" means here; 0 in a CPU build and where no driver answers.
int CudaDeviceCount() {
  const std::optional<c10::DeviceType> accelerator = at::accelerator::getAccelerator();
  return accelerator == c10::DeviceType::CUDA ? at::accelerator::deviceCount() : 0;
}

std::string OfferedDevices() {
  std::string offered = "cpu";
  for (int index = 0; index < CudaDeviceCount(); ++index) offered += absl::StrFormat(", cuda:%d", index);
  return offered;
}

}  // namespace

absl::StatusOr<c10::Device> ParseDevice(std::string_view name) {
  const std::string text(name);
  if (text == "cpu") return c10::Device(c10::kCPU);
  int index = -1;
  if (text == "cuda") {
    index = 0;
  } else if (absl::StartsWith(text, "cuda:") && !absl::SimpleAtoi(text.substr(5), &index)) {
    index = -1;
  }
  if (index >= 0 && index < CudaDeviceCount()) {
    return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("device is \"%s\"; this build and machine offer: %s", text, OfferedDevices()));
}

absl::StatusOr<at::ScalarType> ParseDtype(std::string_view name) {
  const std::string text(name);
  if (text == "float32") return at::kFloat;
  if (text == "bfloat16") return at::kBFloat16;
  return absl::InvalidArgumentError(absl::StrFormat("dtype is \"%s\"; use float32 or bfloat16", text));
}

std::string DtypeName(at::ScalarType dtype) { return dtype == at::kBFloat16 ? "bfloat16" : "float32"; }

absl::StatusOr<int> SetThreads(int threads) {
  if (threads < 0 || threads > kMaxThreads) {
    return absl::InvalidArgumentError(
        absl::StrFormat("threads is %d; use 0 for every core, or 1 to %d", threads, kMaxThreads));
  }
  // LibTorch's own default is the number of physical cores of the machine, wherever this process may run.
  const int every_core = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  at::set_num_threads(threads > 0 ? threads : every_core);
  return at::get_num_threads();
}

std::string DescribeDevice(c10::Device device) {
  if (device.is_cpu()) return "cpu";
  const std::string model = DeviceModelName(device);
  return model.empty() ? device.str() : absl::StrFormat("%s (%s)", device.str(), model);
}

std::string LibTorchVersion() {
  return absl::StrFormat("%d.%d.%d", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
}

void TryDevice(c10::Device device) {
  at::ones({1}, at::TensorOptions(device).dtype(at::kFloat)).add_(1);
  Synchronize(device);
}

void Synchronize(c10::Device device) {
  if (device.is_cpu()) return;
  c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

}  // namespace ovi
