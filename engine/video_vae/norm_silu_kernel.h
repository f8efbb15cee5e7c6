// RMS normalisation and SiLU in one pass over memory, for float32 on a CPU; ChannelRmsNorm holds the form in tensor
// operations that this is tested against.
#pragma once

#include <cstdint>

namespace ovi {

// x, y [rows, channels], contiguous, not overlapping; gamma [channels]:
//   n = x / max(|x|, smallest_norm) * sqrt(channels) * gamma,   y = n / (1 + exp(-n))
// Uses LibTorch's threads. A row with an infinity or a NaN comes out as NaN where the tensor operations give NaN.
void NormalizeSiluRows(const float* x, float* y, int64_t rows, int64_t channels, const float* gamma,
                       float smallest_norm);

}  // namespace ovi
