#include "engine/observer.h"

namespace ovi {

std::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kTextEncode:
      return "text_encode";
    case Stage::kFirstFrameEncode:
      return "first_frame_encode";
    case Stage::kDiffusion:
      return "diffusion";
    case Stage::kCleanup:
      return "cleanup";
    case Stage::kAudioDecode:
      return "audio_decode";
    case Stage::kVideoDecode:
      return "video_decode";
    case Stage::kFinish:
      return "finish";
  }
  return "unknown";
}

std::string_view MemoryPointName(MemoryPoint point) {
  switch (point) {
    case MemoryPoint::kLoaded:
      return "loaded";
    case MemoryPoint::kTextEncoded:
      return "text_encoded";
    case MemoryPoint::kDiffusionPeak:
      return "diffusion_peak";
    case MemoryPoint::kAfterCleanup:
      return "after_cleanup";
    case MemoryPoint::kDecodePeak:
      return "decode_peak";
    case MemoryPoint::kDone:
      return "done";
  }
  return "unknown";
}

}  // namespace ovi
