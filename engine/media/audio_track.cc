#include "engine/media/audio_track.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/ffmpeg_status.h"

namespace ovi {
namespace {

AVCodecID CodecOf(OutputFormat output) {
  switch (output) {
    case OutputFormat::kMp4:
      return AV_CODEC_ID_AAC;
    case OutputFormat::kMkvLossless:
      return AV_CODEC_ID_FLAC;
    default:
      return AV_CODEC_ID_PCM_S16LE;
  }
}

}  // namespace

absl::StatusOr<AudioTrack> AudioTrack::Open(const ClipFormat& format, Muxer& muxer) {
  const AVCodec* codec = avcodec_find_encoder(CodecOf(format.output));
  if (codec == nullptr) return absl::FailedPreconditionError("this FFmpeg lacks the sound encoder; use a complete one");
  CodecContextPtr context(avcodec_alloc_context3(codec));
  FramePtr frame(av_frame_alloc());
  if (context == nullptr || frame == nullptr) return FfmpegStatus(AVERROR(ENOMEM), "starting the sound encoder");
  context->sample_rate = format.sample_rate_hz;
  context->time_base = {1, format.sample_rate_hz};
  context->sample_fmt = format.output == OutputFormat::kMp4 ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
  av_channel_layout_default(&context->ch_layout, 1);
  if (format.output == OutputFormat::kMp4) {
    // AAC's own ceiling is 6144 bits for 1024 samples, 96 kb/s at 16 kHz; above 128 kb/s nobody hears more of one
    // channel.
    context->bit_rate = std::min<int64_t>(128'000, int64_t{6} * format.sample_rate_hz);
  }
  Options options;
  OVI_ASSIGN_OR_RETURN(TrackEncoder encoder, TrackEncoder::Open(std::move(context), *codec, options, muxer));
  return AudioTrack(std::move(encoder), std::move(frame));
}

size_t AudioTrack::FrameSize() const {
  constexpr size_t kPcmFrame = 4096;  // PCM takes any number
  const int size = encoder_.context().frame_size;
  return size > 0 ? static_cast<size_t>(size) : kPcmFrame;
}

absl::Status AudioTrack::Add(absl::Span<const int16_t> samples) {
  waiting_.insert(waiting_.end(), samples.begin(), samples.end());
  const size_t frame_size = FrameSize();
  size_t done = 0;
  for (; waiting_.size() - done >= frame_size; done += frame_size) {
    OVI_RETURN_IF_ERROR(Encode(absl::MakeConstSpan(waiting_).subspan(done, frame_size)));
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
  return absl::OkStatus();
}

absl::Status AudioTrack::Encode(absl::Span<const int16_t> samples) {
  const AVCodecContext& context = encoder_.context();
  av_frame_unref(frame_.get());
  frame_->nb_samples = static_cast<int>(samples.size());
  frame_->format = context.sample_fmt;
  frame_->sample_rate = context.sample_rate;
  frame_->pts = sent_;
  OVI_RETURN_IF_ERROR(
      FfmpegStatus(av_channel_layout_copy(&frame_->ch_layout, &context.ch_layout), "encoding the clip"));
  OVI_RETURN_IF_ERROR(FfmpegStatus(av_frame_get_buffer(frame_.get(), 0), "encoding the clip"));
  if (context.sample_fmt == AV_SAMPLE_FMT_FLTP) {
    auto* out = reinterpret_cast<float*>(frame_->data[0]);
    std::transform(samples.begin(), samples.end(), out, [](int16_t sample) { return sample / 32768.0F; });
  } else {
    std::memcpy(frame_->data[0], samples.data(), samples.size() * sizeof(int16_t));
  }
  OVI_RETURN_IF_ERROR(encoder_.Send(frame_.get()));
  sent_ += frame_->nb_samples;
  return absl::OkStatus();
}

absl::Status AudioTrack::Finish() {
  if (!waiting_.empty()) OVI_RETURN_IF_ERROR(Encode(waiting_));
  waiting_.clear();
  return encoder_.Send(nullptr);
}

}  // namespace ovi
