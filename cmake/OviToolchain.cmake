# Language level, warnings, linker and compiler cache: the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# Where programs find the modules that they load: beside themselves, built or installed.
set(CMAKE_BUILD_RPATH "$ORIGIN/../lib")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

set(OVI_SANITIZE "" CACHE STRING "Sanitizers for our code, as -fsanitize= takes them: address,undefined or thread")
if(OVI_SANITIZE)
  add_compile_options(-fsanitize=${OVI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${OVI_SANITIZE})
endif()

find_program(OVI_CCACHE ccache)
if(OVI_CCACHE)
  # Sloppy about what precompiled headers need it to be sloppy about, as ccache's manual asks.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros;${OVI_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
find_program(OVI_MOLD mold)
if(OVI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Our code is warning-free; third-party headers are SYSTEM and not our business.
add_library(ovi_warnings INTERFACE)
target_compile_options(ovi_warnings INTERFACE -Wall -Wextra -Wconversion -Werror)
