// What the layers of one clip remember of the frames that have gone by. A clip passes through the network in chunks; a
// layer that looks back in time keeps its last input frames from chunk to chunk.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace ovi {

// Counts the layers that remember, while a network is built.
class HistoryLayout {
 public:
  int64_t AddSlot() { return count_++; }
  int64_t count() const { return count_; }

 private:
  int64_t count_ = 0;
};

// The memory of one clip: one per encode or decode, never shared, gone with its owner. Not thread-safe.
class StreamState {
 public:
  explicit StreamState(const HistoryLayout& layout) : frames_(static_cast<size_t>(layout.count())) {}

  // Up to the first EndChunk. The first chunk is one frame, and the layers that change the frame rate let it pass.
  bool first_chunk() const { return first_chunk_; }
  void EndChunk() { first_chunk_ = false; }

  at::Tensor& frames(int64_t slot) { return frames_[static_cast<size_t>(slot)]; }  // undefined: nothing yet

 private:
  std::vector<at::Tensor> frames_;
  bool first_chunk_ = true;
};

// The look-back of one layer: the `length` input frames before a chunk, zeros where there were none.
class CausalHistory {
 public:
  CausalHistory(int64_t length, HistoryLayout& layout) : length_(length), slot_(layout.AddSlot()) {}

  // [1, C, length + T, H, W] for an input of `sizes` [1, C, T, H, W]: the look-back, then T frames to be written
  // through Fresh. One buffer for both, so that nothing is concatenated or padded.
  at::Tensor Open(at::IntArrayRef sizes, const at::Tensor& like, StreamState& state) const;
  at::Tensor Fresh(const at::Tensor& window) const;
  // Keeps the last `length` frames of `window` for the next chunk.
  void Remember(const at::Tensor& window, StreamState& state) const;

 private:
  int64_t length_, slot_;
};

}  // namespace ovi
