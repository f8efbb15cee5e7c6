ovi_add_library(ovi_parity_audio SRCS ${CMAKE_CURRENT_LIST_DIR}/audio_case.cc ${CMAKE_CURRENT_LIST_DIR}/audio_loader_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_audio_vae ovi_probe ovi_base TORCH_HEADERS)

ovi_test(audio_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/audio_parity_test.cc
  PRIVATE ovi_parity_audio ovi_golden LABELS parity TORCH_HEADERS)
