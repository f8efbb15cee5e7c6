#include "engine/audio_vae/mel_statistics.h"

#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tensor.h>

#include <string_view>
#include <vector>

namespace ovi {
namespace {

at::Tensor TakeBands(const WeightScope& weights, std::string_view name, const std::vector<double>& fallback,
                     int64_t bands) {
  if (weights.Has(name) || static_cast<int64_t>(fallback.size()) != bands) return weights.Take(name, {1, bands, 1});
  return weights.Place(at::tensor(fallback, at::TensorOptions().dtype(at::kFloat)).reshape({1, bands, 1}));
}

}  // namespace

MelStatistics::MelStatistics(const WeightScope& weights, const AudioVaeConfig& config)
    : mean_(TakeBands(weights, "data_mean", config.mel_mean, config.data_dim)),
      std_(TakeBands(weights, "data_std", config.mel_std, config.data_dim)) {}

at::Tensor MelStatistics::Normalize(const at::Tensor& mel) const { return at::div(at::sub(mel, mean_), std_); }

at::Tensor MelStatistics::Restore(const at::Tensor& normalized) const {
  return at::add(at::mul(normalized, std_), mean_);
}

}  // namespace ovi
