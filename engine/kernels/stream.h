// The stream that a kernel is queued on, without the headers of either runtime.
#pragma once

namespace ovi::gpu {

struct Stream {
  void* handle;  // cudaStream_t or hipStream_t
};

}  // namespace ovi::gpu
