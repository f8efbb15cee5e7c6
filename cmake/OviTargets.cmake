# GRPC_HEADERS or TORCH_HEADERS, for targets that link them: which precompiled headers to begin with (OviPrecompiled.cmake).
macro(_ovi_take_headers name suffix)
  if(arg_TORCH_HEADERS)
    ovi_take_precompiled(${name} torch${suffix})
  elseif(arg_GRPC_HEADERS)
    ovi_take_precompiled(${name} grpc${suffix})
  else()
    ovi_take_precompiled(${name} common${suffix})
  endif()
endmacro()

# ovi_add_library(<name> SRCS <file>... [PUBLIC <target>...] [PRIVATE <target>...] [FACE] [GRPC_HEADERS | TORCH_HEADERS])
# A PRIVATE dependency still links, but its headers stop here: whoever uses ovi_engine cannot include LibTorch. FACE: the
# headers of the library's own part of the tree stop here too (OviHeaders.cmake), and users see what PUBLIC shows them.
function(ovi_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "FACE;GRPC_HEADERS;TORCH_HEADERS" "" "SRCS;PUBLIC;PRIVATE")
  ovi_own_headers(headers)
  set(visibility PUBLIC)
  if(arg_FACE)
    set(visibility PRIVATE)
  endif()
  add_library(${name} STATIC ${arg_SRCS})
  target_link_libraries(${name} ${visibility} ${headers} PUBLIC ${arg_PUBLIC} PRIVATE ovi_warnings ${arg_PRIVATE})
  _ovi_take_headers(${name} "")
endfunction()

# ovi_add_binary(<name> SRCS <file>... [PRIVATE <target>...] [GRPC_HEADERS | TORCH_HEADERS])
function(ovi_add_binary name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GRPC_HEADERS;TORCH_HEADERS" "" "SRCS;PRIVATE")
  ovi_own_headers(headers)
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ovi_warnings ${headers} ${arg_PRIVATE})
  _ovi_take_headers(${name} "")
endfunction()

# LibTorch's containers are not instrumented; an allocation that cannot be is an error of ours to handle, not of memory.
set(OVI_ASAN_OPTIONS "detect_container_overflow=0:allocator_may_return_null=1")
set(OVI_TSAN_OPTIONS
  "halt_on_error=1 ignore_noninstrumented_modules=1 suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")

# ovi_test(<name> SRCS <file>... [PRIVATE <target>...] [LABELS <label>...] [GRPC_HEADERS | TORCH_HEADERS])
# One GoogleTest binary is one ctest test: LibTorch takes a second to load, so one process runs all its cases.
function(ovi_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GRPC_HEADERS;TORCH_HEADERS" "" "SRCS;PRIVATE;LABELS")
  if(NOT OVI_BUILD_TESTS)
    return()
  endif()
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ovi_warnings ovi_tests_headers ${arg_PRIVATE} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE OVI_SOURCE_DIR="${PROJECT_SOURCE_DIR}" OVI_SHARED_DIR="${OVI_SHARED_DIR}")
  _ovi_take_headers(${name} _test)
  if(OVI_SANITIZE MATCHES "undefined")
    # UBSan is for what is tested, not for the test, which would compile for twice as long. GCC warns falsely under sanitizers.
    target_compile_options(${name} PRIVATE -fno-sanitize=undefined $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "${arg_LABELS}"
    ENVIRONMENT "ASAN_OPTIONS=${OVI_ASAN_OPTIONS};TSAN_OPTIONS=${OVI_TSAN_OPTIONS}")
endfunction()

# The goldens and the described model lie beside the checkout, not in it.
set(OVI_SHARED_DIR "${PROJECT_SOURCE_DIR}/../shared" CACHE PATH "Folder that holds goldens/ and demo-bundle/")
