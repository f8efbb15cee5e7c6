// Pictures as bytes to 8-bit RGB and back.
//
// libpng, libjpeg-turbo and libwebp rather than FFmpeg: they say what they do with palettes, alpha, 16 bits and damaged
// data, decode straight into our buffer, and refuse instead of concealing; FFmpeg's still-picture path conceals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/media/image_header.h"

namespace ovi {

struct RgbImage {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> pixels;  // [height, width, 3], red first, rows without padding
};

// Decodes a first frame and turns it upright.
//
// Colour numbers are taken as they are: no gamma, no ICC profile, as upstream's reader does. Alpha is flattened by
// dropping it (upstream's reader, and so the goldens): a transparent pixel shows the colour stored under it. 16 bits
// keep their upper 8; grey is repeated; palettes are looked up; CMYK is multiplied out. Memory: 3 bytes a pixel, twice
// that while a turned picture is set upright, 6 more in libjpeg for a progressive one. Any bytes are safe.
// InvalidArgument: what InspectImage refuses, and data that ends early or is damaged; the message begins "first_frame".
absl::StatusOr<RgbImage> DecodeImage(std::string_view bytes, const ImageLimits& limits = {});

// One frame as a PNG: `rgb` points to [height, width, 3]. `comment`, UTF-8, becomes an iTXt chunk if not empty.
// Same input, same bytes. ResourceExhausted if memory runs out.
absl::StatusOr<std::string> EncodePng(const uint8_t* rgb, int64_t width, int64_t height, std::string_view comment = {});

}  // namespace ovi
