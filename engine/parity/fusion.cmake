ovi_add_library(ovi_parity_fusion SRCS ${CMAKE_CURRENT_LIST_DIR}/fusion_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_fusion ovi_checkpoint ovi_probe TORCH_HEADERS)

ovi_test(fusion_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/fusion_parity_test.cc
  PRIVATE ovi_parity_fusion ovi_golden LABELS parity TORCH_HEADERS)
