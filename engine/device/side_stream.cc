#include "engine/device/side_stream.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace ovi {

struct SideStream::Streams {
  explicit Streams(c10::Device device)
      : guard(device.type()),
        main(guard.getStream(device)),
        // Of high priority: a small kernel goes before the next blocks of a large one.
        side(guard.getStreamFromGlobalPool(device, /*isHighPriority=*/true)),
        kept(side),
        main_is_ahead(device.type()),
        side_is_ahead(device.type()) {}

  c10::impl::VirtualGuardImpl guard;
  c10::Stream main, side, kept;
  c10::Event main_is_ahead, side_is_ahead;
};

SideStream::SideStream(c10::Device device) {
  if (!device.is_cpu()) streams_ = std::make_unique<Streams>(device);
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
