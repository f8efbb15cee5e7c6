// Mono samples into the audio track of a container. Private to engine/media.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/media/track_encoder.h"

namespace ovi {

// kMp4: AAC-LC at the clip's own rate, mono. kMkvLossless: FLAC, 16 bit. kWav: PCM, 16 bit.
class AudioTrack {
 public:
  static absl::StatusOr<AudioTrack> Open(const ClipFormat& format, Muxer& muxer);

  absl::Status Add(absl::Span<const int16_t> samples);
  // Encodes what does not fill a frame of the encoder, and what the encoder still holds.
  absl::Status Finish();
  int64_t samples() const { return sent_ + static_cast<int64_t>(waiting_.size()); }

 private:
  AudioTrack(TrackEncoder encoder, FramePtr frame) : encoder_(std::move(encoder)), frame_(std::move(frame)) {}

  size_t FrameSize() const;
  absl::Status Encode(absl::Span<const int16_t> samples);

  TrackEncoder encoder_;
  FramePtr frame_;
  std::vector<int16_t> waiting_;  // less than one frame of the encoder
  int64_t sent_ = 0;              // samples the encoder has
};

}  // namespace ovi
