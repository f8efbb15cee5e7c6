#include "engine/video_vae/causal_history.h"

#include "engine/video_vae/conv.h"

namespace ovi {

at::Tensor CausalHistory::Open(at::IntArrayRef sizes, const at::Tensor& like, StreamState& state) const {
  at::Tensor window = EmptyActivation({sizes[0], sizes[1], length_ + sizes[2], sizes[3], sizes[4]}, like);
  const at::Tensor& before = state.frames(slot_);
  if (before.defined()) {
    window.narrow(2, 0, length_).copy_(before);
  } else {
    window.narrow(2, 0, length_).zero_();
  }
  return window;
}

at::Tensor CausalHistory::Fresh(const at::Tensor& window) const {
  return window.narrow(2, length_, window.size(2) - length_);
}

void CausalHistory::Remember(const at::Tensor& window, StreamState& state) const {
  const at::Tensor last = window.narrow(2, window.size(2) - length_, length_);
  at::Tensor& kept = state.frames(slot_);
  // A copy: a slice would keep the whole window alive until the next chunk.
  if (!kept.defined()) kept = EmptyActivation(last.sizes(), last);
  kept.copy_(last);
}

}  // namespace ovi
