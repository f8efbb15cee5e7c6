ovi_add_library(ovi_parity_video_vae SRCS ${CMAKE_CURRENT_LIST_DIR}/video_vae_case.cc
  PUBLIC ovi_parity_case PRIVATE ovi_video_vae ovi_probe ovi_base TORCH_HEADERS)

ovi_test(video_vae_parity_test SRCS ${PROJECT_SOURCE_DIR}/tests/parity/video_vae_parity_test.cc
  PRIVATE ovi_parity_video_vae ovi_golden ovi_torch LABELS parity TORCH_HEADERS)
