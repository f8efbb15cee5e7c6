#include "engine/device/attention_trial.h"

#include <ATen/ops/_scaled_dot_product_attention_math.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "absl/strings/str_format.h"
#include "engine/device/trial.h"
#include "engine/guard.h"

namespace ovi {
namespace {

constexpr int64_t kCheckedQueries = 200;

struct Case {
  at::Tensor q, k, v;  // [1, H, N or M, D]
};

Case RandomCase(const AttentionNeed& need, int64_t num_queries, int64_t num_keys) {
  const at::Generator generator = TrialGenerator(need.device);
  const auto heads = [&](int64_t tokens) {
    return at::randn({1, tokens, need.num_heads, need.head_dim}, generator, at::device(need.device).dtype(at::kFloat))
        .to(need.dtype)
        .transpose(1, 2);
  };
  at::Tensor q = heads(num_queries), k = heads(num_keys), v = heads(num_keys);
  return {std::move(q), std::move(k), std::move(v)};
}

// First and last head of the last queries, on the CPU.
at::Tensor Sample(const at::Tensor& x, int64_t last_tokens) {
  const at::Tensor heads = at::cat({x.narrow(1, 0, 1), x.narrow(1, x.size(1) - 1, 1)}, 1);
  const int64_t tokens = std::min(last_tokens, x.size(2));
  return heads.narrow(2, x.size(2) - tokens, tokens).cpu();
}

at::Tensor Math(const Case& sample, at::ScalarType dtype) {
  return std::get<0>(
      at::_scaled_dot_product_attention_math(sample.q.to(dtype), sample.k.to(dtype), sample.v.to(dtype)));
}

// To first order, logits apart by at most (D + 4) u sqrt(D) move an output of float32 sums by twice that (u = 2^-24;
// the norms of random rows are sqrt(D)): 1.8e-4 at D = 128. In bf16 MATH loses to the rounding of its output alone; a
// fused kernel also rounds its weights, and may round the logits: sqrt(3) as much, hence 4 times MATH's loss is room
// enough. Seen failing: scale 1/D instead of 1/sqrt(D) is off by 0.75, the last key left out by 0.045.
double AllowedError(double math_error, int64_t head_dim) {
  const double d = static_cast<double>(head_dim);
  return 4 * math_error + 2 * (d + 4) * 0x1p-24 * std::sqrt(d);
}

// Adds what this case says to the trial.
void Check(const AttentionNeed& need, const Case& inputs, const at::Tensor& out, AttentionTrial& trial) {
  if (out.sizes() != inputs.q.sizes()) {
    trial.problem = "its output has the wrong shape";
    return;
  }
  const int64_t all = inputs.k.size(2);
  const Case sample = {Sample(inputs.q, kCheckedQueries), Sample(inputs.k, all), Sample(inputs.v, all)};
  const at::Tensor exact = Math(sample, at::kDouble);
  const double allowed = AllowedError(RelativeError(Math(sample, need.dtype), exact), need.head_dim);
  const double error = RelativeError(Sample(out, kCheckedQueries), exact);
  const bool wrong = !(error <= allowed);  // a NaN is wrong too
  if (wrong) {
    trial.problem = absl::StrFormat("wrong results: off by %.2g for %d queries on %d keys, where %.2g is rounding",
                                    error, inputs.q.size(2), all, allowed);
  }
  if (wrong || error / allowed >= trial.relative_error / std::max(trial.allowed_error, 1e-30)) {
    trial.relative_error = error;
    trial.allowed_error = allowed;
  }
}

// Checks, and returns the time taken: the run that is checked is the warm-up.
double CheckAndTime(const AttentionNeed& need, int64_t num_queries, int64_t num_keys, const AttentionFunction& run,
                    AttentionTrial& trial) {
  const Case inputs = RandomCase(need, num_queries, num_keys);
  Check(need, inputs, run(inputs.q, inputs.k, inputs.v), trial);
  return trial.problem.empty() ? MedianMilliseconds(need.device, [&] { run(inputs.q, inputs.k, inputs.v); }) : 0;
}

}  // namespace

AttentionTrial TryAttention(const AttentionNeed& need, AttentionBackend backend, const AttentionFunction& run) {
  AttentionTrial trial = {.backend = backend};
  const absl::Status status = Guard("unavailable", [&] {
    const Case small = RandomCase(need, 200, 333);
    Check(need, small, run(small.q, small.k, small.v), trial);
    if (need.device.is_cpu()) return absl::OkStatus();
    if (trial.problem.empty()) trial.many_queries_ms = CheckAndTime(need, 4096, 4096, run, trial);
    if (trial.problem.empty()) trial.few_queries_ms = CheckAndTime(need, 157, 8192, run, trial);
    return absl::OkStatus();
  });
  if (!status.ok()) {
    const std::string message(status.message());
    trial.problem = message.substr(0, message.find('\n'));
  }
  return trial;
}

}  // namespace ovi
