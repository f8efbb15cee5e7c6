// The numbers of synthetic weights: a function of seed, tensor name and place alone, so that any part of any tensor can
// be made by itself, in any order, on any number of threads.
#pragma once

#include <ATen/core/ATen_fwd.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace ovi {

// Evenly spread over [center - reach, center + reach].
struct ValueRange {
  float center = 0, reach = 0;
};

// What keeps a network's activations of order 1 from layer to layer, judged by the tensor's name in Ovi's files and by
// its shape: deviation 1 / sqrt(fan in) for matrices and convolutions, near 1 for norms, near 0 for biases.
ValueRange RangeOf(std::string_view name, at::IntArrayRef shape);

// The values of one tensor, in the order of its elements. Immutable, thread-safe.
class RandomValues {
 public:
  static constexpr int64_t kGroup = 4;  // values that one hash makes

  RandomValues(uint64_t seed, std::string_view name, ValueRange range);

  // Elements `first`, a multiple of kGroup, and on; rounded to Number: float, c10::BFloat16 or c10::Float8_e4m3fn.
  template <typename Number>
  void Fill(int64_t first, std::span<Number> out) const;

 private:
  uint64_t key_;
  ValueRange range_;
};

}  // namespace ovi
