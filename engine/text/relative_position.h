// Relative positions of UMT5's self-attention, in buckets: near ones each their own, far ones by the logarithm of their
// distance (Raffel et al., "Exploring the Limits of Transfer Learning", 2020, section 2.1).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ovi {

// The bucket of each offset in `relative` (int64, any shape, on the CPU: key position minus query position).
// Half of the buckets are for keys behind the query (offset > 0). Of each half, half are exact distances; the others
// grow up to `max_distance`, beyond which everything falls into the last. With 32 buckets these start at the distances
// 8, 12, 16, 23, 32, 46, 64, 91. num_buckets >= 4.
at::Tensor RelativePositionBuckets(const at::Tensor& relative, int64_t num_buckets, int64_t max_distance = 128);

// The buckets of all pairs of a sequence: [length, length], query by key, int64 on the CPU.
at::Tensor SequenceBuckets(int64_t length, int64_t num_buckets);

}  // namespace ovi
