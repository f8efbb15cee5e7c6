#include "engine/device/trial.h"

#include <ATen/Context.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "engine/device/device.h"

namespace ovi {
namespace {

constexpr int kRuns = 5;
constexpr uint64_t kSeed = 20;

}  // namespace

double RelativeError(const at::Tensor& out, const at::Tensor& exact) {
  return out.cpu().to(at::kDouble).sub(exact).norm().item<double>() / exact.norm().item<double>();
}

double MedianMilliseconds(c10::Device device, const std::function<void()>& run) {
  std::array<double, kRuns> milliseconds = {};
  for (double& value : milliseconds) {
    Synchronize(device);
    const auto start = std::chrono::steady_clock::now();
    run();
    Synchronize(device);
    value = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return milliseconds[kRuns / 2];
}

at::Generator TrialGenerator(c10::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(kSeed);
  return generator;
}

}  // namespace ovi
