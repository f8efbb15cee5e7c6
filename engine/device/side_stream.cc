#include "engine/device/side_stream.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace ovi {

struct SideStream::Streams {
  explicit Streams(const c10::Stream& side_stream)
      : guard(side_stream.device_type()),
        main(guard.getStream(side_stream.device())),
        side(side_stream),
        kept(side),
        main_is_ahead(side_stream.device_type()),
        side_is_ahead(side_stream.device_type()) {}

  c10::impl::VirtualGuardImpl guard;
  c10::Stream main, side, kept;
  c10::Event main_is_ahead, side_is_ahead;
};

std::optional<c10::Stream> SideStream::Choose(c10::Device device) {
  if (device.is_cpu() || device.is_meta()) return std::nullopt;
  // Of high priority: a small kernel goes before the next blocks of a large one.
  return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device, /*isHighPriority=*/true);
}

SideStream::SideStream(const std::optional<c10::Stream>& side) {
  if (side) streams_ = std::make_unique<Streams>(*side);
}

SideStream::~SideStream() = default;

void SideStream::Fork() {
  if (streams_ == nullptr) return;
  streams_->main_is_ahead.record(streams_->main);
  streams_->main_is_ahead.block(streams_->side);
}

void SideStream::Join() {
  if (streams_ == nullptr) return;
  streams_->side_is_ahead.record(streams_->side);
  streams_->side_is_ahead.block(streams_->main);
}

void SideStream::Exchange() {
  if (streams_ != nullptr) streams_->kept = streams_->guard.exchangeStream(streams_->kept);
}

}  // namespace ovi
