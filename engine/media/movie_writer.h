// ClipWriter for what FFmpeg writes: MP4, MKV and WAV. Private to engine/media.
//
// Encodes on the caller's thread, beside which x264 has its own. A thread for the encoder was weighed and left out: 121
// frames of 128x128 take 0.07 s here, beside seconds of decoding that keep every core busy (704x704: 1.7 s on two
// cores).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/media/audio_track.h"
#include "engine/media/clip_writer.h"
#include "engine/media/video_track.h"

namespace ovi {

class MovieWriter final : public ClipWriter {
 public:
  static absl::StatusOr<std::unique_ptr<ClipWriter>> Open(const std::string& path, const ClipFormat& format);

  absl::Status AddFrames(absl::Span<const uint8_t> rgb) override;
  absl::Status AddAudio(absl::Span<const int16_t> samples) override;
  absl::StatusOr<WrittenClip> Finish() override;

 private:
  MovieWriter(std::unique_ptr<Muxer> muxer, std::optional<VideoTrack> video, AudioTrack audio, size_t frame_bytes)
      : muxer_(std::move(muxer)), video_(std::move(video)), audio_(std::move(audio)), frame_bytes_(frame_bytes) {}

  absl::Status FinishTracks();

  std::unique_ptr<Muxer> muxer_;     // outlives the tracks
  std::optional<VideoTrack> video_;  // none in kWav
  AudioTrack audio_;
  size_t frame_bytes_;
  absl::Status status_;  // the first error
};

}  // namespace ovi
