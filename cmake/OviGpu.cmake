# Finds what compiles the fused kernels of engine/kernels: nvcc for a CUDA build of LibTorch, a HIP compiler for a ROCm
# build. Without one the engine is the same program made of LibTorch's own operations, only slower.
#
# OVI_GPU: auto (what LibTorch was built for, if its compiler is here), none, cuda, hip. Sets OVI_GPU_LANGUAGE to CUDA,
# HIP or nothing.
set(OVI_GPU "auto" CACHE STRING "Fused kernels: auto, none, cuda or hip")
set_property(CACHE OVI_GPU PROPERTY STRINGS auto none cuda hip)

# Newer cards translate the last one's PTX when the program starts.
set(OVI_CUDA_ARCHITECTURES "80;90" CACHE STRING "What CUDA kernels are compiled for: A100, and H100 and H200, by default")

set(OVI_GPU_LANGUAGE "")
include(CheckLanguage)
if(OVI_GPU STREQUAL "cuda" OR (OVI_GPU STREQUAL "auto" AND TARGET torch_cuda))
  set(wanted CUDA)
elseif(OVI_GPU STREQUAL "hip" OR (OVI_GPU STREQUAL "auto" AND TARGET torch_hip))
  set(wanted HIP)
elseif(NOT OVI_GPU MATCHES "^(auto|none)$")
  message(FATAL_ERROR "OVI_GPU is \"${OVI_GPU}\"; use auto, none, cuda or hip")
endif()
if(wanted)
  check_language(${wanted})
  if(CMAKE_${wanted}_COMPILER)
    enable_language(${wanted})
    if(wanted STREQUAL "CUDA")
      # LibTorch's package adds every architecture that it was built for, some of which the compiler may no longer know.
      string(REGEX REPLACE "-gencode;? ?arch=[^ ;]+" "" CMAKE_CUDA_FLAGS "${CMAKE_CUDA_FLAGS}")
      set(CMAKE_CUDA_ARCHITECTURES ${OVI_CUDA_ARCHITECTURES})
    endif()
    set(OVI_GPU_LANGUAGE ${wanted})
  elseif(OVI_GPU STREQUAL "auto")
    message(WARNING "no ${wanted} compiler: the engine is built without its fused kernels, and will be slower")
  else()
    message(FATAL_ERROR "OVI_GPU is ${OVI_GPU}, but there is no ${wanted} compiler; install one or set OVI_GPU=none")
  endif()
endif()
message(STATUS "fused kernels: ${OVI_GPU_LANGUAGE}")
