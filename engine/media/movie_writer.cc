#include "engine/media/movie_writer.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

// Durations in an MP4's edit lists are whole ticks of one clock for the whole file; FFmpeg's milliseconds would cut a
// frame of 1/24 s short. The least common multiple of both tracks' rates suits both: 48000 for 24 pictures and 16 kHz.
int64_t MovieTimescale(const VideoTrack* video, int64_t sample_rate) {
  if (video == nullptr) return sample_rate;
  const int64_t both = std::lcm(int64_t{video->frames_per_second().num}, sample_rate);
  return both <= std::numeric_limits<int32_t>::max() ? both : sample_rate;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClipWriter>> MovieWriter::Open(const std::string& path, const ClipFormat& format) {
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<Muxer> muxer, Muxer::Open(path, format));
  std::optional<VideoTrack> video;
  if (format.output != OutputFormat::kWav) {
    OVI_ASSIGN_OR_RETURN(video, VideoTrack::Open(format, *muxer));
  }
  OVI_ASSIGN_OR_RETURN(AudioTrack audio, AudioTrack::Open(format, *muxer));
  OVI_RETURN_IF_ERROR(muxer->Begin(MovieTimescale(video ? &*video : nullptr, format.sample_rate_hz)));
  const size_t frame_bytes = static_cast<size_t>(format.width) * static_cast<size_t>(format.height) * 3;
  return std::unique_ptr<ClipWriter>(
      new MovieWriter(std::move(muxer), std::move(video), std::move(audio), frame_bytes));
}

absl::Status MovieWriter::AddFrames(absl::Span<const uint8_t> rgb) {
  if (!video_) return absl::OkStatus();
  if (rgb.size() % frame_bytes_ != 0) {
    status_.Update(absl::InvalidArgumentError(
        absl::StrFormat("%d bytes are no whole number of frames of %d bytes", rgb.size(), frame_bytes_)));
  }
  for (size_t at = 0; at < rgb.size() && status_.ok(); at += frame_bytes_) {
    status_.Update(video_->AddFrame(rgb.data() + at));
  }
  return status_;
}

absl::Status MovieWriter::AddAudio(absl::Span<const int16_t> samples) {
  if (status_.ok()) status_.Update(audio_.Add(samples));
  return status_;
}

absl::Status MovieWriter::FinishTracks() {
  if (video_ && video_->frames() == 0) return absl::FailedPreconditionError("the clip has no frames");
  if (audio_.samples() == 0) return absl::FailedPreconditionError("the clip has no sound");
  if (video_) OVI_RETURN_IF_ERROR(video_->Finish());
  return audio_.Finish();
}

absl::StatusOr<WrittenClip> MovieWriter::Finish() {
  if (status_.ok()) status_.Update(FinishTracks());
  if (!status_.ok()) return status_;
  absl::StatusOr<int64_t> bytes = muxer_->Finish();
  status_ = bytes.ok() ? absl::FailedPreconditionError("the clip is finished") : bytes.status();
  if (!bytes.ok()) return status_;
  return WrittenClip{.bytes = *bytes, .frames = video_ ? video_->frames() : 0, .audio_samples = audio_.samples()};
}

}  // namespace ovi
