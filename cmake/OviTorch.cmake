# Finds LibTorch and offers it as ovi_torch, for engine/ alone.
#
# Its include folder also holds protobuf 3.13 and fmt 12, so no target outside engine/ may link ovi_torch, and none inside
# may see a generated header. Order: -DOVI_TORCH_PREFIX=..., the .venv of this checkout, `import torch` of python3.
set(OVI_TORCH_PREFIX "" CACHE PATH "Folder with Torch/TorchConfig.cmake, as torch.utils.cmake_prefix_path prints it")
if(NOT OVI_TORCH_PREFIX)
  file(GLOB venv_torch "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch/share/cmake")
  if(venv_torch)
    list(GET venv_torch 0 OVI_TORCH_PREFIX)
  else()
    execute_process(COMMAND python3 -c "import torch; print(torch.utils.cmake_prefix_path)"
      OUTPUT_VARIABLE OVI_TORCH_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
if(NOT EXISTS "${OVI_TORCH_PREFIX}/Torch/TorchConfig.cmake")
  message(FATAL_ERROR "LibTorch not found; run deploy/install_dependencies.sh or set -DOVI_TORCH_PREFIX=<torch.utils.cmake_prefix_path>")
endif()
# Global, so that a binary outside engine/ can link what ovi_engine links; its headers stay private all the same.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
include(OviRocm)  # what a ROCm build of LibTorch forgets to find
find_package(Torch REQUIRED PATHS "${OVI_TORCH_PREFIX}" NO_DEFAULT_PATH)

add_library(ovi_torch INTERFACE)
target_link_libraries(ovi_torch INTERFACE ${TORCH_LIBRARIES})
separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(ovi_torch INTERFACE ${torch_flags})
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL OFF)

# at::parallel_for is a template: every file of the engine must see the same one. Without OpenMP it is a loop on one thread;
# with it the runtime is the one that LibTorch brings (same soname).
find_package(OpenMP)
if(OpenMP_CXX_FOUND)
  target_compile_options(ovi_torch INTERFACE ${OpenMP_CXX_FLAGS})
  target_link_options(ovi_torch INTERFACE ${OpenMP_CXX_FLAGS})
endif()

ovi_precompile(torch LINK ovi_torch
  HEADERS <ATen/core/Tensor.h> <ATen/Context.h> <ATen/TensorOperators.h> <ATen/ops/cat.h> <ATen/ops/empty.h>)
