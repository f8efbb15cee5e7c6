#include "engine/synthesis/random_values.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Float8_e4m3fn.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace ovi {
namespace {

// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators": the output function of SplitMix64, and
// the increment between its states.
constexpr uint64_t kIncrement = 0x9e3779b97f4a7c15;
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// FNV-1a, which, unlike std::hash, is the same everywhere.
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

}  // namespace

ValueRange RangeOf(std::string_view name, at::IntArrayRef shape) {
  const std::string_view leaf = name.substr(name.rfind('.') + 1);
  if (leaf == "bias") return {0, 0.02F};
  if (leaf == "gamma" || (leaf == "weight" && shape.size() == 1)) return {1, 0.1F};  // norms
  if (leaf == "weight_g") {  // a filter's norm, which is its gain; convs2 ends a residual branch, of which 18 add up
    return {name.find("convs2.") != name.npos ? 0.25F : 1, 0};
  }
  if (leaf == "alpha" || leaf == "beta") return {0.5F, 0.1F};                 // harmless as numbers and as logarithms
  if (leaf == "filter") return {1.0F / static_cast<float>(shape.back()), 0};  // a low pass: the mean of its window
  if (leaf == "data_mean") return {-1.8F, 0.4F};                              // about what the published ones are
  if (leaf == "data_std") return {1, 0.1F};
  if (leaf == "learnable_gain") return {0, 0.1F};
  const double count = std::accumulate(shape.begin(), shape.end(), 1.0, std::multiplies<>());
  const bool is_table = name == "token_embedding.weight";  // rows are looked up, not summed over
  // Faint pictures: white noise would keep an H.264 encoder busy for longer than any clip does.
  const double gain = name == "decoder.head.2.weight" ? 0.05 : 1;
  const double deviation = gain * (is_table ? 1 : std::sqrt(static_cast<double>(shape.front()) / count));
  return {0, static_cast<float>(std::sqrt(3.0) * deviation)};
}

RandomValues::RandomValues(uint64_t seed, std::string_view name, ValueRange range)
    : key_(Mix(seed + kIncrement) ^ HashOf(name)), range_(range) {}

template <typename Number>
void RandomValues::Fill(int64_t first, std::span<Number> out) const {
  constexpr int kBits = 64 / kGroup;
  // The middles of 2^16 equal steps, from one end of the range to the other.
  const float step = 2 * range_.reach / static_cast<float>(1 << kBits);
  const float lowest = range_.center - range_.reach + step / 2;
  uint64_t state = key_ + static_cast<uint64_t>(first / kGroup) * kIncrement;
  for (size_t at = 0; at < out.size(); at += kGroup) {
    uint64_t bits = Mix(state += kIncrement);
    const size_t end = std::min(at + kGroup, out.size());
    for (size_t i = at; i < end; ++i, bits >>= kBits) {
      out[i] = static_cast<Number>(lowest + step * static_cast<float>(bits & ((1 << kBits) - 1)));
    }
  }
}

template void RandomValues::Fill(int64_t first, std::span<float> out) const;
template void RandomValues::Fill(int64_t first, std::span<c10::BFloat16> out) const;
template void RandomValues::Fill(int64_t first, std::span<c10::Float8_e4m3fn> out) const;

}  // namespace ovi
