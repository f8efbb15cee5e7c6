ovi_add_library(ovi_parity_sizes SRCS ${CMAKE_CURRENT_LIST_DIR}/sizes_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_request absl::str_format TORCH_HEADERS)

ovi_test(sizes_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/sizes_parity_test.cc
  PRIVATE ovi_parity_sizes ovi_golden LABELS parity TORCH_HEADERS)
