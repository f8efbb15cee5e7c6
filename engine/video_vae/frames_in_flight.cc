#include "engine/video_vae/frames_in_flight.h"

#include <ATen/ops/empty.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace ovi {

FramesInFlight::FramesInFlight(const at::Tensor& frames)
    : host_(at::empty(frames.sizes(), at::TensorOptions().dtype(frames.scalar_type()).pinned_memory(true))),
      arrived_(frames.device().type()) {
  host_.copy_(frames, /*non_blocking=*/true);
  arrived_.record(c10::impl::VirtualGuardImpl(frames.device().type()).getStream(frames.device()));
}

at::Tensor FramesInFlight::Wait() {
  arrived_.synchronize();
  return host_;
}

}  // namespace ovi
