# What has to be found before a ROCm build of LibTorch: its package names ROCm's targets (hiprtc::hiprtc, roc::rocblas)
# without finding the packages that define them, and CMake then takes the names for libraries to link (pytorch#181939).
# Include before find_package(Torch). Does nothing unless OVI_GPU is hip.
if(OVI_GPU STREQUAL "hip")
  find_package(hip CONFIG REQUIRED)
  # Which of them a LibTorch names depends on its version; what is absent here is either not named or an error at link.
  foreach(package hsa-runtime64 amd_comgr hiprtc rocblas hipblas hipblaslt miopen hipfft hiprand rocrand hipsparse
      hipsparselt hipsolver rocsolver hipcub rocprim rocthrust rccl libhipcxx)
    find_package(${package} CONFIG QUIET GLOBAL)
    if(NOT ${package}_FOUND)
      message(STATUS "ROCm package not found: ${package}")
    endif()
  endforeach()
endif()
