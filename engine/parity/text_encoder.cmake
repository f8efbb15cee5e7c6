ovi_add_library(ovi_parity_text_encoder SRCS ${CMAKE_CURRENT_LIST_DIR}/text_encoder_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_umt5 ovi_checkpoint ovi_probe TORCH_HEADERS)

ovi_test(text_encoder_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/text_encoder_parity_test.cc
  PRIVATE ovi_parity_text_encoder ovi_golden ovi_umt5 ovi_text_clean LABELS parity TORCH_HEADERS)
