// Rotary positions: pairs (2i, 2i + 1) of each head's numbers are turned by an angle that grows with the token's place.
//
// For n rotated numbers and position p, pair i < n/2 turns by s p 10000^(-2i/n). A head of D numbers is laid out as
//   video  [time: D - 4 (D/6) | row: 2 (D/6) | column: 2 (D/6)]   (integer division), s = 1
//   audio  [time: D - 4 (D/6) | not turned],                       s = temporal_rope_scaling_factor
// so that a moment has the same angles in both towers. Upstream multiplies in complex128; the angles here are computed
// in float64, kept as complex64 factors, and multiplied in float32: one rounding of a factor, one of a product.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "engine/checkpoint/config.h"

namespace ovi {

inline constexpr int64_t kRopePositions = 1024;  // as upstream: the longest side, in tokens, of any grid

class RopeTable {
 public:
  RopeTable(const TowerConfig& config, c10::Device device);

  // Factors of every token of a grid, complex64 [N, pairs]: grid {f, rows, columns} in that order for video, {L} for
  // audio. Throws c10::Error if a side exceeds kRopePositions.
  at::Tensor Factors(at::IntArrayRef grid) const;

  // Complex64 [kRopePositions, pairs]: column i at a position is the factor of pair i on its own axis.
  const at::Tensor& table() const { return table_; }

 private:
  std::vector<int64_t> axis_pairs_;  // how many pairs belong to each axis of the grid
  at::Tensor table_;
};

// Turns the first 2 * pairs numbers of each head of x [B, N, H, D] and leaves the rest.
void RotateInPlace(const at::Tensor& x, const at::Tensor& factors);
at::Tensor Rotate(const at::Tensor& x, const at::Tensor& factors);

}  // namespace ovi
