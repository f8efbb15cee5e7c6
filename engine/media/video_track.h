// RGB frames into the video track of a container. Private to engine/media.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/media/track_encoder.h"

namespace ovi {

// kMp4: H.264 as any player takes it. Colour is converted and tagged BT.709, limited range, chroma sited left;
// upstream's files are converted with BT.601's matrix and say nothing, so that players guess wrong. kMkvLossless: FFV1
// in RGB: the very bytes come back.
class VideoTrack {
 public:
  static absl::StatusOr<VideoTrack> Open(const ClipFormat& format, Muxer& muxer);

  // rgb: one frame [height, width, 3].
  absl::Status AddFrame(const uint8_t* rgb);
  absl::Status Finish() { return encoder_.Send(nullptr); }
  int64_t frames() const { return frames_; }
  AVRational frames_per_second() const { return encoder_.context().framerate; }

 private:
  VideoTrack(TrackEncoder encoder, ScalerPtr scaler, FramePtr frame)
      : encoder_(std::move(encoder)), scaler_(std::move(scaler)), frame_(std::move(frame)) {}

  TrackEncoder encoder_;
  ScalerPtr scaler_;
  FramePtr frame_;
  int64_t frames_ = 0;
};

}  // namespace ovi
