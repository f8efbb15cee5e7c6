ovi_add_library(ovi_parity_tokenizer SRCS ${CMAKE_CURRENT_LIST_DIR}/tokenizer_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_text_clean ovi_tokenizer TORCH_HEADERS)

ovi_test(tokenizer_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/tokenizer_parity_test.cc
  PRIVATE ovi_parity_tokenizer ovi_golden LABELS parity TORCH_HEADERS)
