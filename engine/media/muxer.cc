#include "engine/media/muxer.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/clip_metadata.h"
#include "engine/media/ffmpeg_status.h"

namespace ovi {
namespace {

constexpr char kWriting[] = "writing the clip";

const char* MuxerName(OutputFormat output) {
  switch (output) {
    case OutputFormat::kMp4:
      return "mp4";
    case OutputFormat::kMkvLossless:
      return "matroska";
    default:
      return "wav";
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Muxer>> Muxer::Open(const std::string& path, const ClipFormat& format) {
  OVI_ASSIGN_OR_RETURN(OutputFile file, OutputFile::Create(path));
  // By its scheme: a path with a colon in it would be taken for another protocol.
  const std::string url = absl::StrFormat("file:%s", path);
  AVFormatContext* raw = nullptr;
  OVI_RETURN_IF_ERROR(
      FfmpegStatus(avformat_alloc_output_context2(&raw, nullptr, MuxerName(format.output), url.c_str()), kWriting));
  FormatContextPtr context(raw);
  context->flags |= AVFMT_FLAG_BITEXACT;  // no random track ids, no date: same input, same bytes
  context->max_interleave_delta = 0;      // however long one track is ahead, the file is ordered by time
  for (const auto& [key, value] : MetadataTags(format.metadata)) {
    av_dict_set(&context->metadata, key.c_str(), value.c_str(), 0);
  }
  OVI_RETURN_IF_ERROR(FfmpegStatus(avio_open(&context->pb, url.c_str(), AVIO_FLAG_WRITE), kWriting));
  return std::unique_ptr<Muxer>(new Muxer(std::move(file), std::move(context), format.output));
}

absl::StatusOr<AVStream*> Muxer::AddTrack(const AVCodecContext& encoder) {
  AVStream* stream = avformat_new_stream(context_.get(), nullptr);
  if (stream == nullptr) return FfmpegStatus(AVERROR(ENOMEM), kWriting);
  OVI_RETURN_IF_ERROR(FfmpegStatus(avcodec_parameters_from_context(stream->codecpar, &encoder), kWriting));
  stream->time_base = encoder.time_base;
  stream->avg_frame_rate = encoder.framerate;
  return stream;
}

bool Muxer::WantsGlobalHeader() const { return (context_->oformat->flags & AVFMT_GLOBALHEADER) != 0; }

absl::Status Muxer::Begin(int64_t movie_timescale) {
  Options options;
  if (output_ == OutputFormat::kMp4) {
    options.Set("movflags", "+faststart+use_metadata_tags");
    options.SetInt("movie_timescale", movie_timescale);
  }
  return FfmpegStatus(avformat_write_header(context_.get(), options.get()), kWriting);
}

absl::Status Muxer::Write(AVPacket& packet) {
  return FfmpegStatus(av_interleaved_write_frame(context_.get(), &packet), kWriting);
}

absl::StatusOr<int64_t> Muxer::Finish() {
  OVI_RETURN_IF_ERROR(FfmpegStatus(av_write_trailer(context_.get()), kWriting));
  OVI_RETURN_IF_ERROR(FfmpegStatus(avio_closep(&context_->pb), kWriting));
  return file_.Keep();
}

}  // namespace ovi
