#include "engine/media/track_encoder.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/media/ffmpeg_status.h"

namespace ovi {

absl::StatusOr<TrackEncoder> TrackEncoder::Open(CodecContextPtr context, const AVCodec& codec, Options& options,
                                                Muxer& muxer) {
  context->flags |= AV_CODEC_FLAG_BITEXACT;
  if (muxer.WantsGlobalHeader()) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  OVI_RETURN_IF_ERROR(FfmpegStatus(avcodec_open2(context.get(), &codec, options.get()),
                                   absl::StrFormat("starting the encoder %s", codec.name)));
  OVI_ASSIGN_OR_RETURN(AVStream * stream, muxer.AddTrack(*context));
  PacketPtr packet(av_packet_alloc());
  if (packet == nullptr) return FfmpegStatus(AVERROR(ENOMEM), "starting an encoder");
  return TrackEncoder(std::move(context), std::move(packet), stream, muxer);
}

absl::Status TrackEncoder::Send(const AVFrame* frame) {
  OVI_RETURN_IF_ERROR(FfmpegStatus(avcodec_send_frame(context_.get(), frame), "encoding the clip"));
  while (true) {
    const int code = avcodec_receive_packet(context_.get(), packet_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return absl::OkStatus();
    OVI_RETURN_IF_ERROR(FfmpegStatus(code, "encoding the clip"));
    av_packet_rescale_ts(packet_.get(), context_->time_base, stream_->time_base);
    packet_->stream_index = stream_->index;
    OVI_RETURN_IF_ERROR(muxer_->Write(*packet_));  // leaves the packet empty
  }
}

}  // namespace ovi
