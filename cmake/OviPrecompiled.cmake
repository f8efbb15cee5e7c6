# Third-party headers that most files parse for half of their time or more, parsed once a set. Every target of OviTargets.cmake
# takes one: `common`, or with GRPC_HEADERS `grpc`, or with TORCH_HEADERS `torch`; tests take the like with GoogleTest. Files
# include what they use all the same: the fuzz preset builds without.

# ovi_precompile(<set> HEADERS <header>... [LINK <target>...]); where there are tests also <set>_test.
function(ovi_precompile set)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LINK")
  set(link absl::status absl::statusor absl::strings absl::str_format absl::time ${arg_LINK})
  set(headers <absl/status/statusor.h> <absl/strings/str_format.h> <absl/time/time.h> <algorithm> <filesystem> <fstream>
    <functional> <map> <memory> <optional> <string> <vector> ${arg_HEADERS})
  _ovi_precompile(${set} "${link}" "${headers}")
  if(OVI_BUILD_TESTS)
    _ovi_precompile(${set}_test "${link};GTest::gmock" "${headers};<gmock/gmock.h>")
  endif()
endfunction()

function(_ovi_precompile set link headers)
  set(carrier ${CMAKE_BINARY_DIR}/precompiled/${set}.cc)
  file(GENERATE OUTPUT ${carrier} CONTENT "// Carries the precompiled headers.\n")
  add_library(ovi_precompiled_${set} OBJECT ${carrier})
  target_link_libraries(ovi_precompiled_${set} PRIVATE ${link})
  target_precompile_headers(ovi_precompiled_${set} PRIVATE ${headers})
endfunction()

# The target's files begin with the set.
function(ovi_take_precompiled target set)
  # GCC takes precompiled headers only under the very same -fPIC.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  # Nor where a packaged library defines something more (-pthread, OpenMP): slower, and no error.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-error=invalid-pch)
  endif()
  target_precompile_headers(${target} REUSE_FROM ovi_precompiled_${set})
endfunction()

ovi_precompile(common)
if(OVI_BUILD_SERVER)
  ovi_precompile(grpc HEADERS <google/protobuf/message.h> <grpcpp/grpcpp.h> LINK gRPC::grpc++ protobuf::libprotobuf)
endif()
