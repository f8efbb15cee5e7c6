// Frames on their way from the device to the host.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

namespace ovi {

// A copy into page-locked memory that is queued behind the work of the current stream: neither making one nor
// destroying it waits. Not thread-safe.
class FramesInFlight {
 public:
  // `frames`: contiguous, on an accelerator.
  explicit FramesInFlight(const at::Tensor& frames);

  // The frames on the CPU, once they are there. Throws c10::Error if the device failed.
  at::Tensor Wait();

 private:
  at::Tensor host_;
  c10::Event arrived_;
};

}  // namespace ovi
