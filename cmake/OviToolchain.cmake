# Language level, warnings, linker and compiler cache: the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(OVI_SANITIZE "" CACHE STRING "Sanitizers for our code, as -fsanitize= takes them: address,undefined or thread")
if(OVI_SANITIZE)
  add_compile_options(-fsanitize=${OVI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${OVI_SANITIZE})
  if(OVI_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Abseil's flags use a fence, which TSan does not model: at worst a false alarm
    # Headers of packaged libraries must see what the libraries were built with: protobuf lays out maps otherwise under TSan.
    add_compile_options(-U__SANITIZE_THREAD__)
  endif()
endif()

# From 18 on Clang names constrained templates otherwise than the GCC that built the packaged libraries: absl::Cord's
# constructor is then not found at link.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 18)
  add_compile_options(-fclang-abi-compat=17)
endif()

find_program(OVI_CCACHE ccache)
if(OVI_CCACHE)
  # Sloppy about what precompiled headers need it to be sloppy about, as ccache's manual asks. By the dependencies that the
  # compiler lists anyway (DEPEND): without, what is not in the cache yet is preprocessed first, for seconds where there is gRPC.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_DEPEND=1;CCACHE_SLOPPINESS=pch_defines,time_macros;${OVI_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
# Debian 12's mold 1.10 now and then places the RELRO segment five bytes early, and the loader refuses the program.
find_program(OVI_MOLD mold)
if(OVI_MOLD)
  execute_process(COMMAND ${OVI_MOLD} --version OUTPUT_VARIABLE mold_version)
  if(mold_version MATCHES "mold ([0-9.]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 2)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

# Our code is warning-free; third-party headers are SYSTEM and not our business.
add_library(ovi_warnings INTERFACE)
target_compile_options(ovi_warnings INTERFACE -Wall -Wextra -Wconversion -Werror)
