#include "engine/media/video_track.h"

extern "C" {
#include <libavutil/cpu.h>
#include <libavutil/opt.h>
}

#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/ffmpeg_status.h"

namespace ovi {
namespace {

constexpr char kStarting[] = "starting the video encoder";
constexpr char kNoH264[] =
    "this FFmpeg has neither libx264 nor libopenh264; use one that has, or ask for a lossless MKV";
constexpr const char* kH264Encoders[] = {"libx264", "libopenh264"};  // in order of preference

CodecContextPtr NewContext(const AVCodec& codec, const ClipFormat& format, AVPixelFormat pixels) {
  CodecContextPtr context(avcodec_alloc_context3(&codec));
  if (context == nullptr) return nullptr;
  context->width = format.width;
  context->height = format.height;
  context->pix_fmt = pixels;
  context->sample_aspect_ratio = {1, 1};
  context->framerate = av_d2q(format.frames_per_second, 1001000);  // 24000/1001 comes out as itself
  context->time_base = av_inv_q(context->framerate);
  context->thread_count = format.encoder_threads;
  return context;
}

CodecContextPtr NewH264Context(const AVCodec& codec, const ClipFormat& format, Options& options) {
  CodecContextPtr context = NewContext(codec, format, AV_PIX_FMT_YUV420P);
  if (context == nullptr) return nullptr;
  context->color_primaries = AVCOL_PRI_BT709;
  context->color_trc = AVCOL_TRC_BT709;
  context->colorspace = AVCOL_SPC_BT709;
  context->color_range = AVCOL_RANGE_MPEG;
  context->chroma_sample_location = AVCHROMA_LOC_LEFT;
  if (std::string_view(codec.name) == "libx264") {
    options.Set("preset", "medium");
    options.SetInt("crf", 17);  // visually transparent; upstream's 23 shows on smooth backgrounds
    // x264's AVX-512 code takes macroblocks by eights and goes past the end of a row (mbtree_propagate_list, seen in
    // version 164): how finely the right edge is coded, and so all after it, depends on memory that nobody wrote.
    if ((av_get_cpu_flags() & AV_CPU_FLAG_AVX512) != 0) options.Set("x264-params", "asm=AVX2");
  } else {
    // OpenH264 has no constant quality: a quarter of a bit for each pixel is more than crf 17 takes on generated clips.
    context->bit_rate = static_cast<int64_t>(0.25 * format.width * format.height * format.frames_per_second);
    options.SetInt("allow_skip_frames", 0);
  }
  return context;
}

// The first encoder of the list that opens; if none does, what the first said.
absl::StatusOr<TrackEncoder> OpenH264(const ClipFormat& format, Muxer& muxer) {
  absl::Status status;
  for (const char* name : kH264Encoders) {
    const AVCodec* codec = avcodec_find_encoder_by_name(name);
    if (codec == nullptr) continue;
    Options options;
    CodecContextPtr context = NewH264Context(*codec, format, options);
    if (context == nullptr) return FfmpegStatus(AVERROR(ENOMEM), kStarting);
    absl::StatusOr<TrackEncoder> encoder = TrackEncoder::Open(std::move(context), *codec, options, muxer);
    if (encoder.ok()) return encoder;
    status.Update(encoder.status());
  }
  return status.ok() ? absl::FailedPreconditionError(kNoH264) : status;
}

absl::StatusOr<TrackEncoder> OpenFfv1(const ClipFormat& format, Muxer& muxer) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_FFV1);
  if (codec == nullptr) return absl::FailedPreconditionError("this FFmpeg has no FFV1 encoder; use one that has");
  CodecContextPtr context = NewContext(*codec, format, AV_PIX_FMT_BGR0);
  if (context == nullptr) return FfmpegStatus(AVERROR(ENOMEM), kStarting);
  context->gop_size = 1;  // every frame stands for itself: an archive can be cut and mended
  Options options;
  options.SetInt("level", 3);
  options.SetInt("slices", 4);
  options.SetInt("slicecrc", 1);
  return TrackEncoder::Open(std::move(context), *codec, options, muxer);
}

// From RGB24 to what the encoder takes. The flags buy exactness: chroma is made from every pixel, not every other one,
// and rounding costs one level of 255 at most.
ScalerPtr NewScaler(const AVCodecContext& encoder) {
  ScalerPtr scaler(sws_alloc_context());
  if (scaler == nullptr) return nullptr;
  const std::pair<const char*, int64_t> settings[] = {
      {"srcw", encoder.width},
      {"srch", encoder.height},
      {"src_format", AV_PIX_FMT_RGB24},
      {"dstw", encoder.width},
      {"dsth", encoder.height},
      {"dst_format", encoder.pix_fmt},
      {"dst_h_chr_pos", 0},
      {"sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP}};
  for (const auto& [name, value] : settings) {
    if (av_opt_set_int(scaler.get(), name, value, 0) < 0) return nullptr;
  }
  const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
  sws_setColorspaceDetails(scaler.get(), bt709, /*srcRange=*/1, bt709, /*dstRange=*/0, 0, 1 << 16, 1 << 16);
  return sws_init_context(scaler.get(), nullptr, nullptr) < 0 ? nullptr : std::move(scaler);
}

}  // namespace

absl::StatusOr<std::string> H264EncoderName() {
  ForwardFfmpegLog();
  const ClipFormat probe{.width = 64, .height = 64, .frames_per_second = 24};
  for (const char* name : kH264Encoders) {
    const AVCodec* codec = avcodec_find_encoder_by_name(name);
    if (codec == nullptr) continue;
    Options options;
    const CodecContextPtr context = NewH264Context(*codec, probe, options);
    if (context != nullptr && avcodec_open2(context.get(), codec, options.get()) >= 0) return name;
  }
  return absl::FailedPreconditionError(kNoH264);
}

absl::StatusOr<VideoTrack> VideoTrack::Open(const ClipFormat& format, Muxer& muxer) {
  OVI_ASSIGN_OR_RETURN(TrackEncoder encoder,
                       format.output == OutputFormat::kMp4 ? OpenH264(format, muxer) : OpenFfv1(format, muxer));
  ScalerPtr scaler = NewScaler(encoder.context());
  FramePtr frame(av_frame_alloc());
  if (scaler == nullptr || frame == nullptr) return FfmpegStatus(AVERROR(ENOMEM), kStarting);
  return VideoTrack(std::move(encoder), std::move(scaler), std::move(frame));
}

absl::Status VideoTrack::AddFrame(const uint8_t* rgb) {
  const AVCodecContext& context = encoder_.context();
  // Fresh buffers each time: the encoder may still hold the last ones.
  av_frame_unref(frame_.get());
  frame_->width = context.width;
  frame_->height = context.height;
  frame_->format = context.pix_fmt;
  frame_->color_primaries = context.color_primaries;
  frame_->color_trc = context.color_trc;
  frame_->colorspace = context.colorspace;
  frame_->color_range = context.color_range;
  frame_->chroma_location = context.chroma_sample_location;
  frame_->pts = frames_;
  OVI_RETURN_IF_ERROR(FfmpegStatus(av_frame_get_buffer(frame_.get(), 0), "encoding the clip"));
  const uint8_t* planes[] = {rgb};
  const int strides[] = {3 * context.width};
  OVI_RETURN_IF_ERROR(
      FfmpegStatus(sws_scale(scaler_.get(), planes, strides, 0, context.height, frame_->data, frame_->linesize),
                   "encoding the clip"));
  OVI_RETURN_IF_ERROR(encoder_.Send(frame_.get()));
  ++frames_;
  return absl::OkStatus();
}

}  // namespace ovi
