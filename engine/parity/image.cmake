ovi_add_library(ovi_parity_image SRCS ${CMAKE_CURRENT_LIST_DIR}/image_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_frames ovi_image ovi_request TORCH_HEADERS)

ovi_test(image_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/image_parity_test.cc
  PRIVATE ovi_parity_image ovi_golden LABELS parity TORCH_HEADERS)
