ovi_add_library(ovi_parity_sampling
  SRCS ${CMAKE_CURRENT_LIST_DIR}/sampling_scheduler_case.cc ${CMAKE_CURRENT_LIST_DIR}/sampling_loop_case.cc
  PUBLIC ovi_parity_case
  PRIVATE ovi_sampling ovi_fusion ovi_checkpoint ovi_probe absl::str_format TORCH_HEADERS)

ovi_test(sampling_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/sampling_parity_test.cc
  PRIVATE ovi_parity_sampling ovi_sampling ovi_fusion ovi_checkpoint ovi_golden LABELS parity TORCH_HEADERS)
