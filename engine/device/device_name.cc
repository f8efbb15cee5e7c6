#include "engine/device/device_name.h"

// Only a LibTorch built for CUDA, or for ROCm, carries its file of build macros.
#if __has_include(<c10/cuda/impl/cuda_cmake_macros.h>)
#include <ATen/cuda/CUDAContext.h>
#elif __has_include(<c10/hip/impl/hip_cmake_macros.h>)
#include <ATen/hip/HIPContext.h>
#endif

namespace ovi {

std::string DeviceModelName(c10::Device device) {
#if __has_include(<c10/cuda/impl/cuda_cmake_macros.h>) || __has_include(<c10/hip/impl/hip_cmake_macros.h>)
  return at::cuda::getDeviceProperties(device.index())->name;
#else
  static_cast<void>(device);
  return "";
#endif
}

}  // namespace ovi
