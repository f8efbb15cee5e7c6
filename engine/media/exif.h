// The one EXIF tag that changes what a picture shows.
#pragma once

#include <string_view>

namespace ovi {

// Orientation, 1 to 8, of a TIFF block as EXIF stores it ("II*\0" or "MM\0*" first; a leading "Exif\0\0" is skipped).
// 1 (upright) if the tag is absent, out of range or the block is damaged: a broken thumbnail must not cost the picture.
int ExifOrientation(std::string_view block);

// Orientations 5 to 8 turn by a quarter: width and height change places.
constexpr bool SwapsSides(int orientation) { return orientation >= 5; }

}  // namespace ovi
