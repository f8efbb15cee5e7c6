// The text encoder's element-wise work in as few passes over memory as it can be: tensors in, tensors out. Each has a
// twin in LibTorch's own operations (engine/text/umt5_layers.h), rounds where the twin rounds, and is held to it by a
// test. All run on the current stream of x's device and do not wait.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ovi::gpu {

// Whether this build has the kernels and they take weights like `weight`, the weight [dim] of a norm: bfloat16 on a
// GPU, dim a multiple of 8 and at most 8192.
bool CanFuseText(const at::Tensor& weight);
// The longest sequence that BiasSoftmax takes.
int64_t MostTextLength();

// x += addend in place (addend undefined: x stays); returns weight * bf16(x / rms(x)). x, addend [..., dim] contiguous.
at::Tensor AddThenRmsNorm(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& weight, double eps);

// x [..., 2 dim] contiguous, the gate first -> second * gelu(first), every operation of gelu rounded; dim a multiple of
// 8.
at::Tensor GatedGelu(const at::Tensor& x);

// A place for the scores of one clip: [heads, length, length], rows a whole number of packs apart.
at::Tensor EmptyScores(int64_t heads, int64_t length, const at::Tensor& like);
// In place: softmax(scores + bias) in float32 over the last dimension of what EmptyScores made, the sum rounded before
// it. bias [heads, query, key] is table [buckets, heads] at buckets [2 length - 1], uint8, by key - query + length - 1,
// and the lowest bfloat16 where `keep` [length], bool, is false (undefined: all are kept).
void BiasSoftmax(const at::Tensor& scores, const at::Tensor& table, const at::Tensor& buckets, const at::Tensor& keep);

}  // namespace ovi::gpu
