// The one thing that LibTorch tells only through a vendor's header.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace ovi {

// The marketing name of a CUDA or ROCm device; empty in a CPU build.
std::string DeviceModelName(c10::Device device);

}  // namespace ovi
