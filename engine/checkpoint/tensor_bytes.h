// Sizes of stored tensors, safe against numbers chosen to overflow. Private to engine/checkpoint.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "engine/checkpoint/tensor_file.h"

namespace ovi {

// nullopt where a count does not fit 63 bits.
inline std::optional<uint64_t> CheckedProduct(uint64_t a, uint64_t b) {
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (a != 0 && b > kMost / a) return std::nullopt;
  return a * b;
}

// The other sides of an empty tensor must fit too: LibTorch multiplies them for its strides.
inline std::optional<uint64_t> BytesOf(const TensorInfo& info) {
  std::optional<uint64_t> bytes = c10::elementSize(info.dtype);
  bool empty = false;
  for (const int64_t side : info.shape) {
    if (side < 0) return std::nullopt;
    empty = empty || side == 0;
    bytes = CheckedProduct(*bytes, side == 0 ? 1 : static_cast<uint64_t>(side));
    if (!bytes) return std::nullopt;
  }
  return empty ? 0 : bytes;
}

}  // namespace ovi
