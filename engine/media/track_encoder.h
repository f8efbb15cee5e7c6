// One encoder and its track of the container. Private to engine/media.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/media/ffmpeg_ptr.h"
#include "engine/media/muxer.h"

namespace ovi {

class TrackEncoder {
 public:
  // Opens `context`, set up for `codec`, and adds its track. `muxer` must outlive the encoder.
  static absl::StatusOr<TrackEncoder> Open(CodecContextPtr context, const AVCodec& codec, Options& options,
                                           Muxer& muxer);

  const AVCodecContext& context() const { return *context_; }
  // Times in the context's time base. Null says that nothing more comes, and must come once.
  absl::Status Send(const AVFrame* frame);

 private:
  TrackEncoder(CodecContextPtr context, PacketPtr packet, AVStream* stream, Muxer& muxer)
      : context_(std::move(context)), packet_(std::move(packet)), stream_(stream), muxer_(&muxer) {}

  CodecContextPtr context_;
  PacketPtr packet_;
  AVStream* stream_;
  Muxer* muxer_;
};

}  // namespace ovi
