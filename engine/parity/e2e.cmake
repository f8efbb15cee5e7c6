ovi_add_library(ovi_parity_e2e SRCS ${CMAKE_CURRENT_LIST_DIR}/e2e_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_frames ovi_pipeline TORCH_HEADERS)
ovi_test(e2e_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/e2e_parity_test.cc
  PRIVATE ovi_parity_e2e ovi_golden LABELS parity TORCH_HEADERS)
