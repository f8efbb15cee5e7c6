#include <algorithm>
#include <utility>

#include "engine/video_vae/patches.h"
#include "engine/video_vae/video_vae_decoder.h"

namespace ovi {

VideoDecodeStream::VideoDecodeStream(const VideoVaeDecoder& decoder, at::Tensor latent, int64_t group_frames)
    : decoder_(&decoder), latent_(std::move(latent)), group_frames_(group_frames), state_(decoder.layout_) {}

std::optional<at::Tensor> VideoDecodeStream::Next(Probe* probe) {
  const int64_t left = latent_.size(2) - next_;
  if (left == 0) return std::nullopt;
  const int64_t count = state_.first_chunk() ? 1 : std::min(group_frames_, left);
  const at::Tensor decoded = decoder_->DecodeGroup(latent_.narrow(2, next_, count), index_, state_, probe);
  next_ += count;
  ++index_;
  return Unpatchify(decoded).clamp_(-1, 1);
}

int64_t VideoDecodeStream::frames() const { return 1 + decoder_->frame_stride_ * (latent_.size(2) - 1); }

int64_t VideoDecodeStream::frames_left() const {
  const int64_t done = next_ == 0 ? 0 : 1 + decoder_->frame_stride_ * (next_ - 1);
  return frames() - done;
}

}  // namespace ovi
