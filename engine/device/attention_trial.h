// Is an attention kernel right on this device, and how fast? Said of one kernel; attention_selection.h compares them.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <functional>
#include <string>

#include "engine/device/attention_backend.h"

namespace ovi {

// What the networks will ask for.
struct AttentionNeed {
  c10::Device device = c10::Device(c10::kCPU);
  at::ScalarType dtype = at::kFloat;
  int64_t num_heads = 24;
  int64_t head_dim = 128;
};

struct AttentionTrial {
  AttentionBackend backend = AttentionBackend::kNative;
  std::string problem = "";    // why it cannot serve; empty: it can
  double many_queries_ms = 0;  // 4096 queries on 4096 keys; 0 where it was not timed
  double few_queries_ms = 0;   // 157 queries on 8192 keys
  double relative_error = 0;   // of the worst case tried, in the Euclidean norm, against float64
  double allowed_error = 0;    // for that case
};

// RunAttention for one backend; a test hands in one that is wrong.
using AttentionFunction = std::function<at::Tensor(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)>;

// Runs it on random q, k and v in the strides that the towers use and compares with float64 on the CPU, which no driver
// can spoil: 200 queries on 333 keys everywhere, and on an accelerator the two timed cases (their last queries, where a
// kernel's remainders are; first and last head). Never throws for what `run` throws: that is the trial's `problem`.
AttentionTrial TryAttention(const AttentionNeed& need, AttentionBackend backend, const AttentionFunction& run);

}  // namespace ovi
