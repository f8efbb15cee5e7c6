#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "engine/kernels/vae_ops.h"
#include "engine/media/frames.h"
#include "engine/video_vae/patches.h"
#include "engine/video_vae/video_vae_decoder.h"

namespace ovi {

VideoDecodeStream::VideoDecodeStream(const VideoVaeDecoder& decoder, at::Tensor latent, int64_t group_frames)
    : decoder_(&decoder), latent_(std::move(latent)), group_frames_(group_frames), state_(decoder.layout_) {}

int64_t VideoDecodeStream::Decode(Probe* probe, const VideoVaeDecoder::PieceSink& sink) {
  const int64_t count = state_.first_chunk() ? 1 : std::min(group_frames_, latent_.size(2) - next_);
  const int64_t frames = state_.first_chunk() ? 1 : count * decoder_->frame_stride_;
  decoder_->DecodeGroup(latent_.narrow(2, next_, count), index_, state_, probe, sink);
  next_ += count;
  ++index_;
  return frames;
}

std::optional<at::Tensor> VideoDecodeStream::Next(Probe* probe) {
  if (over()) return std::nullopt;
  std::vector<at::Tensor> pieces;
  frames_returned_ +=
      Decode(probe, [&](const at::Tensor& piece) { pieces.push_back(Unpatchify(piece).clamp_(-1, 1)); });
  return pieces.size() == 1 ? pieces.front() : at::cat(pieces, 1);
}

FramesInFlight VideoDecodeStream::QueueRgb() {
  std::vector<at::Tensor> pieces;
  Decode(/*probe=*/nullptr, [&](const at::Tensor& piece) {
    pieces.push_back(at::empty({piece.size(2), kVaePatch * piece.size(3), kVaePatch * piece.size(4), 3},
                               piece.options().dtype(at::kByte)));
    gpu::ToRgb(piece.contiguous(at::MemoryFormat::ChannelsLast3d), pieces.back());
  });
  return FramesInFlight(pieces.size() == 1 ? pieces.front() : at::cat(pieces, 0));
}

std::optional<at::Tensor> VideoDecodeStream::NextRgb() {
  if (!decoder_->fuses_rgb_) {
    const std::optional<at::Tensor> frames = Next();
    return frames ? std::optional(ToRgbFrames(*frames)) : std::nullopt;
  }
  if (!in_flight_ && !over()) in_flight_.emplace(QueueRgb());
  if (!in_flight_) return std::nullopt;
  FramesInFlight frames = *std::move(in_flight_);
  in_flight_.reset();
  if (!over()) in_flight_.emplace(QueueRgb());
  at::Tensor rgb = frames.Wait();
  frames_returned_ += rgb.size(0);
  return rgb;
}

int64_t VideoDecodeStream::frames() const { return 1 + decoder_->frame_stride_ * (latent_.size(2) - 1); }

}  // namespace ovi
