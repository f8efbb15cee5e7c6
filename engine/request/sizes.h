// How a requested size, or a picture's, becomes the size of a clip: upstream's rules to the last half (model
// description, section 6; parity kind "sizes"). Roundings are half to even, which decides 704 over 736 for 720.
// Sides must be above 0.
#pragma once

#include <cstdint>

namespace ovi {

struct PixelSize {
  int64_t height = 0, width = 0;
  bool operator==(const PixelSize&) const = default;
};

// Text to video: scaled to `area` pixels (0: not scaled) with the aspect ratio kept, then each side to the nearest
// multiple of `multiple`, and at least that.
PixelSize SnapToArea(PixelSize size, int64_t area, int64_t multiple);

// Image to video: of a few sizes with sides divisible by `multiple`, the one whose area is nearest to `area`; the
// aspect ratio only breaks ties, so it may be off by a few per cent.
PixelSize BestSizeForPicture(PixelSize picture, int64_t area, int64_t multiple);

// The size asked of a model that paints a first frame: scaled to `area`, rounded once.
PixelSize ScaleToArea(PixelSize size, int64_t area, int64_t multiple);

}  // namespace ovi
