#include "engine/kernels/current_stream.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace ovi::gpu {

Stream CurrentStream(c10::Device device) {
  return {c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle()};
}

}  // namespace ovi::gpu
