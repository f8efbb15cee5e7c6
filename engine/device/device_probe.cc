#include "engine/device/device_probe.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>

#include <cstdlib>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "engine/device/attention_selection.h"
#include "engine/device/convolution_backend.h"
#include "engine/device/device.h"
#include "engine/device/memory_view.h"
#include "engine/device/trial.h"
#include "engine/guard.h"

namespace ovi {
namespace {

using Answer = absl::StatusOr<std::string>;

// The line's own name already says "attention" or "convolution".
std::string AfterColon(const std::string& line) { return line.substr(line.find(": ") + 2); }

Answer Runtime(c10::Device device) {
  std::string text = absl::StrFormat("%s, LibTorch %s", DescribeDevice(device), LibTorchVersion());
  if (device.is_cpu()) return absl::StrFormat("%s, %d threads", text, at::get_num_threads());
  const at::Context& context = at::globalContext();
  text += absl::StrFormat(", %d device(s), %s %d", static_cast<int>(at::accelerator::deviceCount()),
                          context.hasROCM() ? "HIP" : "CUDA", context.versionCUDART());
  if (!context.hasROCM()) return text;
  const std::string settings = PrepareMiopen();
  text += absl::StrFormat("; %s", settings);
  for (const char* name : {"TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL", "TORCH_BLAS_PREFER_HIPBLASLT",
                           "PYTORCH_ALLOC_CONF", "HSA_OVERRIDE_GFX_VERSION"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr) text += absl::StrFormat(" %s=%s", name, value);
  }
  return text;
}

// A product that is summed in parts of bf16 may lose some 2^-9 for each; a wrong one is off by 1.
Answer Matmul(c10::Device device, at::ScalarType dtype) {
  constexpr int64_t kCheckedRows = 64;
  constexpr double kAllowedError = 0x1p-6;
  const int64_t size = device.is_cpu() ? 512 : 4096;
  const at::Generator generator = TrialGenerator(device);
  const at::TensorOptions options = at::device(device).dtype(at::kFloat);
  const at::Tensor a = at::randn({size, size}, generator, options).to(dtype);
  const at::Tensor b = at::randn({size, size}, generator, options).to(dtype);
  const at::Tensor exact = a.slice(0, size - kCheckedRows).cpu().to(at::kDouble).matmul(b.cpu().to(at::kDouble));
  const double error = RelativeError(at::matmul(a, b).slice(0, size - kCheckedRows), exact);
  if (!(error <= kAllowedError)) {
    return absl::InternalError(
        absl::StrFormat("wrong results: off by %.2g, where %.2g is rounding", error, kAllowedError));
  }
  const double n = static_cast<double>(size);
  const double milliseconds = MedianMilliseconds(device, [&] { at::matmul(a, b); });
  return absl::StrFormat("%s, %.3g TFLOP/s at %d x %d x %d", DtypeName(dtype), 2 * n * n * n / milliseconds / 1e9, size,
                         size, size);
}

}  // namespace

SelfTestLine Ask(const std::string& name, const std::function<absl::StatusOr<std::string>()>& question) {
  const absl::Duration begin = RealClock().Elapsed();
  const absl::StatusOr<std::string> answer = Guard(name, question);
  return {.name = name,
          .ok = answer.ok(),
          .detail = answer.ok() ? *answer : std::string(answer.status().message()),
          .seconds = absl::ToDoubleSeconds(RealClock().Elapsed() - begin)};
}

std::vector<SelfTestLine> ProbeDevice(c10::Device device, const ProbeOptions& options) {
  return {
      Ask("runtime", [&] { return Runtime(device); }),
      Ask("matmul", [&] { return Matmul(device, options.dtype); }),
      Ask("attention",
          [&]() -> Answer {
            const auto selection = ChooseAttention({.device = device, .dtype = options.dtype}, options.attention);
            if (!selection.ok()) return selection.status();
            return AfterColon(selection->line);
          }),
      Ask("convolution",
          [&]() -> Answer {
            const auto selection = ChooseConvolution(device, options.dtype, options.convolution);
            if (!selection.ok()) return selection.status();
            return AfterColon(selection->line);
          }),
      Ask("memory", [&] { return JudgeMemory(ViewMemory(device)); }),
  };
}

}  // namespace ovi
